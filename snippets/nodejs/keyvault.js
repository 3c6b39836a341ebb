// npm install @azure/keyvault-secrets @azure/identity
const { ClientSecretCredential } = require("@azure/identity");
const { SecretClient } = require("@azure/keyvault-secrets");

async function main() {
  const credential = new ClientSecretCredential(
    process.env["@TENANTID@"],
    process.env["@CLIENTID@"],
    process.env["@CLIENTSECRET@"],
  );
  const client = new SecretClient(process.env["@RESOURCEENDPOINT@"], credential);

  const names = [];
  for await (const secret of client.listPropertiesOfSecrets()) names.push(secret.name);
  if (names.length > 0) await client.getSecret(names[0]);

  console.log(`ok: ${names.length} secrets in ${client.vaultUrl}, read ${names[0] ?? "none"}`);
}

main();
