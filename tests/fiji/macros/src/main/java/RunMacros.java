import ij.IJ;
import ij.ImagePlus;
import ij.WindowManager;
import ij.measure.ResultsTable;
import java.awt.GraphicsEnvironment;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;

/**
 * Runs macros by ImageJ, each with no image open and an empty Results table.
 *
 * <p>Reads paths of macro files, one a line. Runs each, writes whatever it printed, its messages
 * and errors among it, beside it as .log, and answers with a line "done". Ends with its input.
 * Where there is a screen, a picture of it is left too, as .png, and dialogs are answered.
 */
public final class RunMacros {
  static {
    // before any class of ImageJ is loaded
    if (GraphicsEnvironment.isHeadless()) {
      net.imagej.patcher.LegacyInjector.preinit();
    }
  }

  private RunMacros() {}

  public static void main(String[] arguments) throws Exception {
    Runner.answer(new InputStreamReader(System.in, StandardCharsets.UTF_8), System.out);
    // ImageJ leaves threads behind
    System.exit(0);
  }

  /** Apart, so that ImageJ's classes are loaded after the patch. */
  private static final class Runner {
    static void answer(InputStreamReader input, PrintStream output) throws Exception {
      if (!GraphicsEnvironment.isHeadless()) {
        Screen.open();
      }
      BufferedReader lines = new BufferedReader(input);
      for (String macro = lines.readLine(); macro != null; macro = lines.readLine()) {
        Path log = beside(macro, ".log");
        try (OutputStream file = Files.newOutputStream(log);
            PrintStream stream = new PrintStream(file, true, "UTF-8")) {
          System.setOut(stream);
          System.setErr(stream);
          run(macro);
        }
        output.println("done");
        output.flush();
      }
    }

    private static Path beside(String macro, String ending) {
      return Paths.get(macro.replaceAll("\\.ijm$", ending));
    }

    private static void run(String macro) throws Exception {
      // the first command makes ImageJ's table of commands
      IJ.run("Misc...", "divide=Infinity");
      DeepImageJStandIn.install();
      ResultsTable.getResultsTable().reset();
      IJ.runMacroFile(macro, "");
      if (!GraphicsEnvironment.isHeadless()) {
        Screen.photograph(beside(macro, ".png"));
        System.out.println(IJ.getLog());
        IJ.log("\\Clear");
      }
      closeImages();
    }

    private static void closeImages() {
      int[] images = WindowManager.getIDList();
      for (int i = 0; images != null && i < images.length; i++) {
        ImagePlus image = WindowManager.getImage(images[i]);
        image.changes = false;
        image.close();
      }
    }
  }
}
