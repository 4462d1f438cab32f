// A real OpenID Connect provider for the tests. It prints its port.
//
//   node oidc.mjs
//
// Signing in as `ada` gives the address ada@example.com, without a real password. The address of somebody
// whose name begins with `unverified` is not verified.
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

// The port is part of the provider's address, so it is taken first.
const server = createServer()
await new Promise(done => server.listen(0, '127.0.0.1', done))
const issuer = `http://127.0.0.1:${server.address().port}`

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'tallyboard',
    client_secret: 'a-secret-of-the-tests-alone-2026',
    redirect_uris: ['http://127.0.0.1/'],
  }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  cookies: { keys: ['of the tests alone'] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: !id.startsWith('unverified'), name: `${id} at work` }),
  }),
})
// The port of the server under test is not known yet; its path is.
provider.Client.prototype.redirectUriAllowed = uri => new URL(uri).pathname === '/signin/identity/callback'

server.on('request', provider.callback())
console.log(`listening on ${server.address().port}`)
