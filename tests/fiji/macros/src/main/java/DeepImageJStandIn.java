import ij.IJ;
import ij.ImagePlus;
import ij.Macro;
import ij.Menus;
import ij.VirtualStack;
import ij.plugin.PlugIn;
import ij.process.ImageProcessor;
import java.io.File;
import javax.swing.SwingUtilities;

/**
 * Stands in for deepImageJ's command "DeepImageJ Run", which is not on Maven Central.
 *
 * <p>Prints the options that it was called with, reads them as deepImageJ 3 does, and does with
 * files and windows what deepImageJ 3 does: a read-only stack without names, called like the image up to
 * its first space, saved to output_folder, shown in another thread if display_output is given. The
 * "network" adds 0, 1, 2, ... counts to the image.
 */
public final class DeepImageJStandIn implements PlugIn {
  private static final String COMMAND = "DeepImageJ Run";
  private static final int PLANES = 5;

  /** Makes the command known to ImageJ. */
  public static void install() {
    Menus.getCommands().put(COMMAND, DeepImageJStandIn.class.getName());
  }

  /** Takes the command away until the next macro; called by a macro. */
  public static void uninstall() {
    Menus.getCommands().remove(COMMAND);
  }

  @Override
  public void run(String argument) {
    String options = Macro.getOptions();
    System.out.println(COMMAND + "|" + options.trim() + "|");
    if (Macro.getValue(options, "model_path", null).endsWith("broken")) {
      return;
    }
    String input = Macro.getValue(options, "input_path", null);
    ImagePlus image = input == null ? IJ.getImage() : IJ.openImage(new File(input).getAbsolutePath());
    ImagePlus result = result(image);
    if (Macro.getValue(options, "display_output", null) != null) {
      SwingUtilities.invokeLater(result::show);
    }
    String folder = Macro.getValue(options, "output_folder", null);
    if (folder != null) {
      IJ.saveAsTiff(result, folder + File.separator + result.getTitle());
    }
  }

  private static ImagePlus result(ImagePlus image) {
    ImagePlus result = new ImagePlus(image.getShortTitle() + "_output", new Sums(image));
    result.setDimensions(PLANES, 1, 1);
    result.setOpenAsHyperStack(true);
    return result;
  }

  /** Planes that are computed when they are asked for, and cannot be changed, as deepImageJ's. */
  private static final class Sums extends VirtualStack {
    private final ImageProcessor pixels;

    Sums(ImagePlus image) {
      super(image.getWidth(), image.getHeight(), null, null);
      pixels = image.getProcessor().convertToFloat();
      setBitDepth(32);
    }

    @Override
    public ImageProcessor getProcessor(int plane) {
      ImageProcessor sum = pixels.duplicate();
      sum.add(plane - 1);
      return sum;
    }

    @Override
    public int getSize() {
      return PLANES;
    }

    @Override
    public String getSliceLabel(int plane) {
      return null;
    }
  }
}
