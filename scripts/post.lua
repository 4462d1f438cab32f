-- wrk -s scripts/post.lua URL -- FILE: posts the file's JSON with every request.
function init(arguments)
    local file = assert(io.open(arguments[1]))
    wrk.method = "POST"
    wrk.body = file:read("*a")
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Accept"] = "application/json, text/event-stream"
    file:close()
end
