package divnoising.fiji;

import ij.CompositeImage;
import ij.ImagePlus;
import ij.ImageStack;
import ij.process.FloatProcessor;
import java.util.List;

/** Turns an open image into a tensor (batch, y, x, channel), and a tensor into a hyperstack. */
public final class Hyperstacks {
  private Hyperstacks() {}

  /** Returns the planes of an image of one channel, of any bit depth, as a batch of float32. */
  public static Pixels toTensor(ImagePlus image) {
    if (image.getNChannels() != 1 || image.getType() == ImagePlus.COLOR_RGB) {
      throw new IllegalArgumentException("an image of one channel is needed: " + image);
    }
    ImageStack planes = image.getStack();
    int size = image.getWidth() * image.getHeight();
    float[] values = new float[Math.multiplyExact(size, planes.getSize())];
    for (int i = 0; i < planes.getSize(); i++) {
      float[] plane = (float[]) planes.getProcessor(i + 1).convertToFloat().getPixels();
      System.arraycopy(plane, 0, values, i * size, size);
    }
    return new Pixels(values, planes.getSize(), image.getHeight(), image.getWidth(), 1);
  }

  /**
   * Returns a tensor as a hyperstack, its channels labelled and each with its own display range,
   * with the slices, frames and pixel size of the image it was made from.
   */
  public static ImagePlus toHyperstack(Pixels tensor, List<String> labels, ImagePlus source) {
    int channels = labels.size();
    if (tensor.shape[3] != channels) {
      throw new IllegalArgumentException(tensor.shape[3] + " channels, labels " + labels);
    }
    int width = source.getWidth();
    int height = source.getHeight();
    ImageStack planes = new ImageStack(width, height);
    for (int image = 0; image < tensor.shape[0]; image++) {
      for (int channel = 0; channel < channels; channel++) {
        float[] plane = new float[width * height];
        int first = image * plane.length * channels + channel;
        for (int i = 0; i < plane.length; i++) {
          plane[i] = tensor.values[first + i * channels];
        }
        planes.addSlice(labels.get(channel), new FloatProcessor(width, height, plane));
      }
    }
    ImagePlus result = new ImagePlus("Posterior of " + source.getTitle(), planes);
    result.setDimensions(channels, source.getNSlices(), source.getNFrames());
    CompositeImage hyperstack = new CompositeImage(result, CompositeImage.GRAYSCALE);
    hyperstack.setOpenAsHyperStack(true);
    hyperstack.setCalibration(source.getCalibration());
    hyperstack.resetDisplayRanges();
    return hyperstack;
  }
}
