// npm install mongodb
const { randomUUID } = require("node:crypto");
const { MongoClient } = require("mongodb");

async function main() {
  const client = new MongoClient(process.env["@CONNECTIONSTRING@"]);
  const database = client.db(); // the one in the URL, else "test"

  const notes = database.collection(`notes_${randomUUID()}`);
  const { insertedId } = await notes.insertOne({ text: "hello from Node.js" });
  const { text } = await notes.findOne({ _id: insertedId });
  await notes.drop();
  await client.close();

  console.log(`ok: read '${text}' from MongoDB database ${database.databaseName}`);
}

main();
