package divnoising.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * Runs an ONNX model on files of raw float32, little endian, one after the other.
 *
 * <p>Arguments: the model, then for each image the input file, its shape such as 1x33x47x1, and the
 * output file to write. Prints one line of JSON for each image.
 */
public final class RunModel {
  private RunModel() {}

  public static void main(String[] arguments) throws IOException, OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(arguments[0])) {
      for (int i = 1; i < arguments.length; i += 3) {
        long[] shape =
            Arrays.stream(arguments[i + 1].split("x")).mapToLong(Long::parseLong).toArray();
        run(environment, session, Path.of(arguments[i]), shape, Path.of(arguments[i + 2]));
      }
    }
  }

  private static void run(
      OrtEnvironment environment, OrtSession session, Path input, long[] shape, Path output)
      throws IOException, OrtException {
    FloatBuffer pixels = littleEndian(Files.readAllBytes(input)).asFloatBuffer();
    long begin = System.nanoTime();
    try (OnnxTensor image = OnnxTensor.createTensor(environment, pixels, shape);
        OrtSession.Result results = session.run(Map.of("input", image))) {
      OnnxTensor result = (OnnxTensor) results.get("output").orElseThrow();
      FloatBuffer values = result.getFloatBuffer();
      double seconds = (System.nanoTime() - begin) / 1e9;
      ByteBuffer bytes = littleEndian(new byte[values.remaining() * Float.BYTES]);
      bytes.asFloatBuffer().put(values);
      Files.write(output, bytes.array());
      System.out.printf(
          Locale.ROOT,
          "{\"library\": \"%s\", \"seconds\": %.4f, \"shape\": %s}%n",
          library(),
          seconds,
          Arrays.toString(result.getInfo().getShape()));
    }
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The name of the file that ONNX Runtime was loaded from: it tells the version. */
  private static Path library() {
    String place = OrtEnvironment.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    return Path.of(place).getFileName();
  }
}
