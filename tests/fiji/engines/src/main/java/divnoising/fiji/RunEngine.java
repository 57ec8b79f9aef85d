package divnoising.fiji;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.tensorflow.TensorFlow;

/**
 * Runs a model on .npy files, one after the other in one process.
 *
 * <p>Arguments: the unzipped SavedModel's folder, then pairs of an input file, float32 (batch, y, x,
 * channel), and the output file to write. Prints one line of JSON for each pair.
 */
public final class RunEngine {
  private RunEngine() {}

  public static void main(String[] arguments) throws IOException {
    try (Engine engine = new Engine(Path.of(arguments[0]), "input", "output")) {
      for (int i = 1; i < arguments.length; i += 2) {
        Pixels image = NpyFile.read(Path.of(arguments[i]));
        long begin = System.nanoTime();
        Pixels output = engine.run(image);
        double seconds = (System.nanoTime() - begin) / 1e9;
        NpyFile.write(Path.of(arguments[i + 1]), output);
        System.out.printf(
            Locale.ROOT,
            "{\"tensorflow\": \"%s\", \"seconds\": %.4f, \"shape\": %s}%n",
            TensorFlow.version(),
            seconds,
            Arrays.toString(output.shape));
      }
    }
  }
}
