package divnoising.fiji;

import ij.IJ;
import ij.ImageJ;
import ij.ImagePlus;
import ij.io.FileSaver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * Opens images in ImageJ, runs a package on them and saves what ImageJ would show.
 *
 * <p>Arguments: the unzipped package's folder, with its SavedModel unzipped in it too, as JDLL
 * does; then pairs of an image file and the TIFF file to write. Prints one line of JSON for each:
 * the type of the image, and what the saved file is when ImageJ opens it again.
 */
public final class RunPackage {
  private RunPackage() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    PackageDescription names = new PackageDescription(folder);
    try (Engine engine = new Engine(folder, names.input, names.output)) {
      for (int i = 1; i < arguments.length; i += 2) {
        long begin = System.nanoTime();
        ImagePlus image = open(arguments[i]);
        Pixels output = engine.run(Hyperstacks.toTensor(image));
        ImagePlus result = Hyperstacks.toHyperstack(output, names.outputChannels, image);
        if (!new FileSaver(result).saveAsTiffStack(arguments[i + 1])) {
          throw new IOException("ImageJ cannot save " + arguments[i + 1]);
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        ImagePlus saved = open(arguments[i + 1]);
        System.out.printf(
            Locale.ROOT,
            "{\"imagej\": \"%s\", \"seconds\": %.4f, \"bits\": %d, \"composite\": %b,"
                + " \"dimensions\": %s}%n",
            ImageJ.VERSION,
            seconds,
            image.getBitDepth(),
            saved.isComposite(),
            Arrays.toString(saved.getDimensions()));
      }
    }
  }

  private static ImagePlus open(String path) throws IOException {
    ImagePlus image = IJ.openImage(path);
    if (image == null) {
      throw new IOException("ImageJ cannot open " + path);
    }
    return image;
  }
}
