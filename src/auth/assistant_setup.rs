//! How to add this server to each assistant: the lines that /settings/assistants and docs/ASSISTANTS.md show.

use tallyboard_model::language::text;

/// One assistant's configuration.
pub struct AssistantSetup {
    /// The assistant.
    pub name: &'static str,
    /// Where the lines go.
    pub place: &'static str,
    /// The lines, with the server's address and a token.
    pub text: String,
}

/// Every assistant that is documented, with this server's address (`https://tasks.example.org`) and a token.
pub fn assistant_setups(url: &str, token: &str) -> [AssistantSetup; 5] {
    [
        AssistantSetup {
            name: "Claude Code",
            place: text("In a terminal"),
            text: format!(
                "claude mcp add --transport http tallyboard {url}/mcp \\\n  --header \"Authorization: Bearer {token}\""
            ),
        },
        AssistantSetup {
            name: "Claude Desktop",
            place: text(
                "In claude_desktop_config.json (Settings, Developer, Edit Config), with the program tallyboard installed",
            ),
            text: format!(
                r#"{{
  "mcpServers": {{
    "tallyboard": {{
      "command": "tallyboard",
      "args": ["mcp", "--url", "{url}"],
      "env": {{ "TALLYBOARD_TOKEN": "{token}" }}
    }}
  }}
}}"#
            ),
        },
        AssistantSetup {
            name: "VS Code",
            place: text("In .vscode/mcp.json, or by the command MCP: Open User Configuration"),
            text: format!(
                r#"{{
  "servers": {{
    "tallyboard": {{
      "type": "http",
      "url": "{url}/mcp",
      "headers": {{ "Authorization": "Bearer {token}" }}
    }}
  }}
}}"#
            ),
        },
        AssistantSetup {
            name: "Cursor",
            place: text("In ~/.cursor/mcp.json"),
            text: format!(
                r#"{{
  "mcpServers": {{
    "tallyboard": {{
      "url": "{url}/mcp",
      "headers": {{ "Authorization": "Bearer {token}" }}
    }}
  }}
}}"#
            ),
        },
        AssistantSetup {
            name: text("Your own program"),
            place: text("With the TypeScript SDK: npm install @modelcontextprotocol/client"),
            text: format!(
                r#"import {{ Client, StreamableHTTPClientTransport }} from "@modelcontextprotocol/client";

const client = new Client({{ name: "my-program", version: "1.0.0" }});
await client.connect(
  new StreamableHTTPClientTransport(new URL("{url}/mcp"), {{
    requestInit: {{ headers: {{ Authorization: "Bearer {token}" }} }},
  }}),
);
console.log(await client.callTool({{ name: "list_tasks", arguments: {{ status: "pending" }} }}));"#
            ),
        },
    ]
}
