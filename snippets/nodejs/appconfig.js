// npm install @azure/app-configuration
const { randomUUID } = require("node:crypto");
const { AppConfigurationClient } = require("@azure/app-configuration");

async function main() {
  const client = new AppConfigurationClient(process.env["@CONNECTIONSTRING@"]);

  const key = `note:${randomUUID()}`;
  await client.setConfigurationSetting({ key, value: "hello from Node.js" });
  const { value } = await client.getConfigurationSetting({ key });
  await client.deleteConfigurationSetting({ key });

  console.log(`ok: read '${value}' from App Configuration`);
}

main();
