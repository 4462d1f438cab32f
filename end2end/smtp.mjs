// A real SMTP server for the tests. It prints its port, then one line of JSON for each mail that it accepts.
//
//   node smtp.mjs [--port N] [--user NAME --password PASSWORD] [--key FILE --cert FILE]
//
// With a key and a certificate it offers STARTTLS. The first part of a recipient's address says what becomes of a mail:
// nobody: there is no such mailbox. later: rejected for now, the first time. lost: the server keeps the mail and breaks
// the connection before it says so, the first time.
import { parseArgs } from 'node:util'
import { readFileSync } from 'node:fs'
import { SMTPServer } from 'smtp-server'
import { simpleParser } from 'mailparser'

const text = { type: 'string' }
const { values: options } = parseArgs({ options: { port: text, user: text, password: text, key: text, cert: text } })
const seen = new Set()

/** Whether this is the first time for an address. */
function isFirst(address) {
  const first = !seen.has(address)
  seen.add(address)
  return first
}

function refusal(code, message) {
  return Object.assign(new Error(message), { responseCode: code })
}

const server = new SMTPServer({
  authOptional: !options.user,
  // Some servers cannot write addresses beyond ASCII.
  hideSMTPUTF8: true,
  allowInsecureAuth: !options.key,
  disabledCommands: [...(options.user ? [] : ['AUTH']), ...(options.key ? [] : ['STARTTLS'])],
  ...(options.key ? { key: readFileSync(options.key), cert: readFileSync(options.cert) } : {}),
  onAuth({ username, password }, _session, done) {
    const isRight = username === options.user && password === options.password
    done(isRight ? null : refusal(535, 'wrong password'), { user: username })
  },
  onRcptTo({ address }, _session, done) {
    if (address.startsWith('nobody')) return done(refusal(550, 'no such mailbox'))
    if (address.startsWith('later') && isFirst(address)) return done(refusal(451, 'try again later'))
    done()
  },
  async onData(stream, session, done) {
    const mail = await simpleParser(stream)
    const to = session.envelope.rcptTo.map(({ address }) => address)
    const { subject, text, html, messageId } = mail
    const secure = Boolean(session.secure)
    const line = { to, from: mail.from.text, subject, text, html, id: messageId, secure, headers: [...mail.headers.keys()] }
    process.stdout.write(`${JSON.stringify(line)}\n`)
    if (to[0].startsWith('lost') && isFirst(to[0])) {
      for (const connection of server.connections) connection._socket.destroy()
      return
    }
    done()
  },
})
server.on('error', (error) => process.stderr.write(`${error}\n`))
const listening = server.listen(Number(options.port ?? 0), '127.0.0.1', () => {
  process.stdout.write(`${listening.address().port}\n`)
})
// The tests end it by closing its input.
process.stdin.on('end', () => process.exit()).resume()
