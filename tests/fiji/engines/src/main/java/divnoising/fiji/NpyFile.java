package divnoising.fiji;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads and writes float32 arrays in NumPy's file format, version 1.0. */
public final class NpyFile {
  private static final String MAGIC = "\u0093NUMPY\u0001\u0000";
  private static final int PREFIX = MAGIC.length() + Short.BYTES;
  // NumPy starts the values at a multiple of this
  private static final int ALIGNMENT = 64;
  private static final Pattern SHAPE = Pattern.compile("'shape': \\(([\\d, ]*)\\)");

  private NpyFile() {}

  public static Pixels read(Path path) throws IOException {
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    if (!MAGIC.equals(text(file, MAGIC.length()))) {
      throw new IOException(path + " is not a .npy file of version 1.0");
    }
    String header = text(file, Short.toUnsignedInt(file.getShort()));
    Matcher shape = SHAPE.matcher(header);
    if (!header.contains("'<f4'") || !header.contains("'fortran_order': False") || !shape.find()) {
      throw new IOException(path + " is not a float32 array in C order: " + header.trim());
    }
    float[] values = new float[file.remaining() / Float.BYTES];
    file.asFloatBuffer().get(values);
    return new Pixels(values, lengths(shape.group(1)));
  }

  public static void write(Path path, Pixels pixels) throws IOException {
    String shape =
        Arrays.stream(pixels.shape).mapToObj(length -> length + ",").collect(Collectors.joining());
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
    int length = header.length() + 1;
    length += Math.floorMod(-(PREFIX + length), ALIGNMENT);
    ByteBuffer file = ByteBuffer.allocate(PREFIX + length + pixels.values.length * Float.BYTES);
    file.order(ByteOrder.LITTLE_ENDIAN);
    file.put(MAGIC.getBytes(StandardCharsets.ISO_8859_1)).putShort((short) length);
    String padded = header + " ".repeat(length - header.length() - 1) + "\n";
    file.put(padded.getBytes(StandardCharsets.ISO_8859_1));
    file.asFloatBuffer().put(pixels.values);
    Files.write(path, file.array());
  }

  private static String text(ByteBuffer file, int length) {
    byte[] bytes = new byte[length];
    file.get(bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static long[] lengths(String shape) {
    return Arrays.stream(shape.split(","))
        .map(String::trim)
        .filter(length -> !length.isEmpty())
        .mapToLong(Long::parseLong)
        .toArray();
  }
}
