// Sandbox of the endpoint by which Azure gives tokens to the programs of an App Service ("How to use managed identities for
// App Service and Azure Functions", REST endpoint reference, API version 2019-08-01): every language's library asks it where
// IDENTITY_ENDPOINT and IDENTITY_HEADER are set. Nobody has signed its tokens; Azurite reads of them for whom they are, from whom
// and until when.
//
//   managed-identity.js ADDRESS PORT        IDENTITY_HEADER in the environment
const { createServer } = require("node:http");

const [address, port] = process.argv.slice(2);
const LIFETIME = 24 * 3600; // seconds, as Azure's

function token(resource, clientId) {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    aud: resource,
    iss: "https://sts.windows.net/22222222-2222-2222-2222-222222222222/",
    iat: now,
    nbf: now,
    exp: now + LIFETIME,
    appid: clientId,
  };
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return { text: `${part({ typ: "JWT", alg: "none" })}.${part(claims)}.`, expires: claims.exp };
}

function answer(request) {
  const { pathname, searchParams } = new URL(request.url, "http://sandbox");
  const problem = (status, message) => [status, { statusCode: status, message }];
  if (request.method !== "GET" || pathname !== "/msi/token") return problem(404, "no such endpoint");
  if (request.headers["x-identity-header"] !== process.env.IDENTITY_HEADER) return problem(401, "X-IDENTITY-HEADER is wrong");
  if (searchParams.get("api-version") !== "2019-08-01") return problem(400, "api-version has to be 2019-08-01");
  const resource = searchParams.get("resource");
  if (!resource) return problem(400, "resource is missing");
  const clientId = searchParams.get("client_id") ?? "11111111-1111-1111-1111-111111111111";
  const { text, expires } = token(resource, clientId);
  const body = { access_token: text, expires_on: String(expires), resource, token_type: "Bearer", client_id: clientId };
  return [200, body];
}

createServer((request, response) => {
  const [status, body] = answer(request);
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}).listen(Number(port), address);
