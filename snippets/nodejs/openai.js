// npm install openai
const { OpenAI } = require("openai");

async function main() {
  const client = new OpenAI({
    baseURL: `${process.env["@BASE@"]}openai/v1/`,
    apiKey: process.env["@KEY@"],
  });

  const models = [];
  for await (const model of client.models.list()) models.push(model.id);

  console.log(`ok: ${models.length} models at ${client.baseURL}`);
}

main();
