package divnoising.fiji;

import java.util.Arrays;

/** An array of float32, the last axis running fastest. */
public final class Pixels {
  public final float[] values;
  public final long[] shape;

  public Pixels(float[] values, long... shape) {
    long expected = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    if (values.length != expected) {
      throw new IllegalArgumentException(
          values.length + " values are not of the shape " + Arrays.toString(shape));
    }
    this.values = values;
    this.shape = shape.clone();
  }
}
