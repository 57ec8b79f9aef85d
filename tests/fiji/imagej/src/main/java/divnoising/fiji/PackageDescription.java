package divnoising.fiji;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;

/** What a program needs of the rdf.yaml of a package with one input and one output. */
public final class PackageDescription {
  public final String input;
  public final String output;
  public final List<String> outputChannels;

  /** Reads the description in an unzipped package. */
  public PackageDescription(Path folder) throws IOException {
    Map<?, ?> description;
    try (Reader reader = Files.newBufferedReader(folder.resolve("rdf.yaml"))) {
      description = new Yaml().load(reader);
    }
    Map<?, ?> outputTensor = only(description, "outputs");
    input = (String) only(description, "inputs").get("id");
    output = (String) outputTensor.get("id");
    outputChannels = channelNames(outputTensor);
  }

  private static Map<?, ?> only(Map<?, ?> description, String tensors) {
    List<?> list = (List<?>) description.get(tensors);
    if (list.size() != 1) {
      throw new IllegalArgumentException("rdf.yaml has " + list.size() + " " + tensors);
    }
    return (Map<?, ?>) list.get(0);
  }

  private static List<String> channelNames(Map<?, ?> tensor) {
    List<String> names = new ArrayList<>();
    for (Object axis : (List<?>) tensor.get("axes")) {
      if ("channel".equals(((Map<?, ?>) axis).get("type"))) {
        for (Object name : (List<?>) ((Map<?, ?>) axis).get("channel_names")) {
          names.add((String) name);
        }
      }
    }
    return names;
  }
}
