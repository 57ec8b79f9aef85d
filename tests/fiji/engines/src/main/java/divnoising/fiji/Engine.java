package divnoising.fiji;

import java.nio.file.Path;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/**
 * A SavedModel in TensorFlow for Java, loaded, fed and fetched as JDLL does for deepImageJ: tag
 * "serve", tensors found by name in the signature "serving_default", float32, one session.
 */
public final class Engine implements AutoCloseable {
  private final SavedModelBundle model;
  private final String feed;
  private final String fetch;

  /**
   * Loads a model.
   *
   * @param folder with saved_model.pb and variables
   * @param input key of the input tensor in the signature
   * @param output key of the output tensor in the signature
   */
  public Engine(Path folder, String input, String output) {
    model = SavedModelBundle.load(folder.toString(), "serve");
    // var: the class of a signature has another package in each version of TensorFlow
    var signature = model.metaGraphDef().getSignatureDefOrThrow("serving_default");
    feed = signature.getInputsOrThrow(input).getName();
    fetch = signature.getOutputsOrThrow(output).getName();
  }

  /** Runs the model on an image (batch, y, x, channel) and returns its output tensor. */
  public Pixels run(Pixels image) {
    try (TFloat32 input = TFloat32.tensorOf(Shape.of(image.shape), DataBuffers.of(image.values));
        TFloat32 output =
            (TFloat32) model.session().runner().feed(feed, input).fetch(fetch).run().get(0)) {
      float[] values = new float[Math.toIntExact(output.size())];
      output.asRawTensor().data().asFloats().copyTo(DataBuffers.of(values), values.length);
      return new Pixels(values, output.shape().asArray());
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
