// Runs an ONNX model in WebAssembly on files of raw float32, one after the other.
//
// Arguments: the model, then for each image the input file, its shape such as 1x33x47x1, and the
// output file to write. Prints one line of JSON for each image.

import { readFileSync, writeFileSync } from "node:fs";
import * as ort from "onnxruntime-web";

const [model, ...images] = process.argv.slice(2);
const session = await ort.InferenceSession.create(readFileSync(model), {
  executionProviders: ["wasm"],
});
for (let i = 0; i < images.length; i += 3) {
  const [input, shape, output] = images.slice(i, i + 3);
  // the copy starts at an address that float32 can have
  const pixels = new Float32Array(Uint8Array.from(readFileSync(input)).buffer);
  const image = new ort.Tensor("float32", pixels, shape.split("x").map(Number));
  const begin = performance.now();
  const { output: result } = await session.run({ input: image });
  const seconds = Number(((performance.now() - begin) / 1000).toFixed(4));
  const { buffer, byteOffset, byteLength } = result.data;
  writeFileSync(output, new Uint8Array(buffer, byteOffset, byteLength));
  const version = ort.env.versions.web;
  console.log(JSON.stringify({ version, seconds, shape: result.dims }));
}
// its threads would keep the process alive
process.exit(0);
