// npm install @aws-sdk/client-s3
const { randomUUID } = require("node:crypto");
const { S3 } = require("@aws-sdk/client-s3");

async function main() {
  // reads the endpoint, the region and the key from the AWS_… variables
  const s3 = new S3({ forcePathStyle: true });
  const object = { Bucket: process.env["@S3_BUCKET@"], Key: `notes/${randomUUID()}.txt` };

  await s3.putObject({ ...object, Body: "hello from Node.js" });
  const { Body } = await s3.getObject(object);
  const text = await Body.transformToString();
  await s3.deleteObject(object);

  console.log(`ok: read '${text}' from bucket ${object.Bucket}`);
}

main();
