import ij.IJ;
import ij.ImageJ;
import ij.gui.GenericDialog;
import java.awt.AWTException;
import java.awt.Dialog;
import java.awt.EventQueue;
import java.awt.Rectangle;
import java.awt.Robot;
import java.awt.TextField;
import java.awt.Toolkit;
import java.awt.Window;
import java.awt.event.ActionEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Vector;
import javax.imageio.ImageIO;

/** A person at the screen who takes every dialog as it is offered and presses OK. */
public final class Screen {
  private static String[] answers = {};

  private Screen() {}

  /** Shows ImageJ's window and begins to answer its dialogs. */
  static void open() {
    new ImageJ();
    Thread person = new Thread(Screen::answerDialogs, "person");
    person.setDaemon(true);
    person.start();
  }

  /** Sets what is typed into the text fields of the next dialog, parted by "|"; for macros. */
  public static void type(String text) {
    answers = text.split("\\|");
  }

  /** Saves what the screen shows. */
  static void photograph(Path path) throws AWTException, IOException {
    IJ.wait(300);
    Rectangle all = new Rectangle(Toolkit.getDefaultToolkit().getScreenSize());
    ImageIO.write(new Robot().createScreenCapture(all), "png", path.toFile());
  }

  private static void answerDialogs() {
    while (true) {
      IJ.wait(100);
      for (Window window : Window.getWindows()) {
        if (window.isShowing() && window instanceof Dialog) {
          // one that is closed while it is still being opened can leave its macro waiting
          IJ.wait(500);
          EventQueue.invokeLater(() -> answer((Dialog) window));
          IJ.wait(500);
        }
      }
    }
  }

  private static void answer(Dialog dialog) {
    if (dialog instanceof GenericDialog) {
      GenericDialog form = (GenericDialog) dialog;
      System.out.println("dialog: " + form.getTitle());
      Vector<?> fields = form.getStringFields();
      for (int i = 0; fields != null && i < fields.size() && i < answers.length; i++) {
        ((TextField) fields.get(i)).setText(answers[i]);
      }
      answers = new String[0];
      form.actionPerformed(new ActionEvent(form.getButtons()[0], ActionEvent.ACTION_PERFORMED, ""));
    } else {
      System.out.println("message: " + dialog.getTitle());
      dialog.dispose();
    }
  }
}
