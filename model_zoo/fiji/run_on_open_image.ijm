// Run a package on the open image, through deepImageJ 3: its mean, uncertainty and samples.
//
// The result is one image whose channels are named mean, uncertainty, sample 1, sample 2 and so
// on, all in counts. Of a stack, the plane that is shown is denoised.
//
// From another macro, without a dialog:
//     runMacro("/path/to/run_on_open_image.ijm", "model_path=[/path/to/package] output_folder=[/path]");
// model_path: the unpacked package, or its name in Fiji's folder "models". output_folder: where to
// save the result; leave it out to save nothing.
//
// deepImageJ 3's command is "DeepImageJ Run" (its plugins.config); its keys are model_path, and, if
// wanted, input_path, output_folder and display_output; without input_path it takes the current
// image, and shows the result if display_output is given (its DeepImageJ_Run.java).

if (nImages == 0)
    exit("No image is open.\n \nOpen the noisy image first, then run this macro again.");
getDimensions(width, height, channels, slices, frames);
if (channels > 1 || bitDepth() == 24)
    exit("The package denoises images of one channel.\n \nReceived: " + getTitle() + ", with " + channels
        + " channel(s), " + bitDepth() + "-bit.\n \nSplit the channels first: Image > Color > Split Channels.");
requireDeepImageJ();
package = option("model_path", call("ij.Prefs.get", "divnoising.package", ""));
folder = option("output_folder", "");
if (getArgument() == "") {
    Dialog.create("Run a package on the open image");
    Dialog.addDirectory("Package, unpacked", package);
    Dialog.addDirectory("Save to (empty: do not)", folder);
    Dialog.show();
    package = Dialog.getString();
    folder = Dialog.getString();
    call("ij.Prefs.set", "divnoising.package", package);
}
package = cleaned(package);
requirePackage(package);

title = File.getNameWithoutExtension(getTitle());
plane = 0;
if (nSlices > 1) {
    title = title + "-" + getSliceNumber();
    run("Duplicate...", "title=[" + title + "]");
    plane = getImageID();
}
before = nImages;
run("DeepImageJ Run", "model_path=[" + package + "] display_output=all");
// deepImageJ shows its result in another thread, a little later
for (tries = 0; tries < 100 && nImages == before; tries++)
    wait(50);
if (nImages == before)
    exit("deepImageJ showed no result. Window > Console tells why.");
selectImage(nImages);
shown = getImageID();
// a copy, since what deepImageJ shows cannot be changed
run("Duplicate...", "title=[" + title + " denoised] duplicate");
denoised = getImageID();
selectImage(shown);
close();
if (plane != 0) {
    selectImage(plane);
    close();
}
selectImage(denoised);
nameChannels();
run("Make Composite", "display=Grayscale");
range = greyRange();
for (c = 1; c <= nSlices; c++) {
    Stack.setChannel(c);
    if (c == 2)
        resetMinAndMax();
    else
        setMinAndMax(range[0], range[1]);
}
Stack.setChannel(1);
if (folder != "")
    saveAs("Tiff", cleaned(folder) + "/" + title + " denoised.tif");

// ---- The same in every macro of this folder that needs it: a macro cannot borrow functions ----

// Returns what the macro was called with, as key=value or key=[a value with spaces].
function option(key, otherwise) {
    options = " " + getArgument();
    start = indexOf(options, " " + key + "=");
    if (start < 0)
        return otherwise;
    value = substring(options, start + lengthOf(key) + 2);
    end = " ";
    if (startsWith(value, "[")) {
        value = substring(value, 1);
        end = "]";
    }
    if (indexOf(value, end) >= 0)
        value = substring(value, 0, indexOf(value, end));
    return value;
}

// Stops with advice unless deepImageJ is installed.
function requireDeepImageJ() {
    List.setCommands;
    if (List.get("DeepImageJ Run") == "")
        exit("deepImageJ is not installed.\n \nIn Fiji: Help > Update... > Manage update sites, tick DeepImageJ,\n"
            + "apply the changes and start Fiji again.");
}

// Returns a path as deepImageJ wants it: forward slashes, also on Windows, and none at its end.
function cleaned(path) {
    path = replace(path, "\\\\", "/");
    while (lengthOf(path) > 1 && endsWith(path, "/"))
        path = substring(path, 0, lengthOf(path) - 1);
    return path;
}

// Stops with advice unless this is an unpacked package, or a name for deepImageJ to look up.
function requirePackage(path) {
    if (path == "" || endsWith(path, ".zip"))
        exit("The package is given as its unpacked folder.\n \nReceived: " + path
            + "\n \nUnpack the .zip file first, and choose the folder that holds rdf.yaml.");
    absolute = startsWith(path, "/") || matches(path, "[A-Za-z]:.*");
    if (absolute && !File.exists(path + "/rdf.yaml"))
        exit("This folder is not a package: it holds no rdf.yaml.\n \nReceived: " + path
            + "\n \nUnpack the package's .zip file, and choose the folder that holds rdf.yaml.");
}

// Names the channels of the current image, since deepImageJ shows and saves results without names.
function nameChannels() {
    Property.setSliceLabel("mean", 1);
    Property.setSliceLabel("uncertainty", 2);
    for (c = 3; c <= nSlices; c++)
        Property.setSliceLabel("sample " + (c - 2), c);
}

// Returns the counts shown black and white: those that a thousandth of a plane's pixels exceeds.
function greyRange() {
    low = quantile(0.001);
    high = quantile(0.999);
    if (high <= low)
        high = low + 1;
    return newArray(low, high);
}

// Returns the count below which a fraction of the current plane's pixels lies.
function quantile(fraction) {
    getHistogram(values, counts, 10000);
    pixels = 0;
    for (i = 0; i < counts.length; i++)
        pixels = pixels + counts[i];
    below = 0;
    i = 0;
    while (i < counts.length - 1 && below + counts[i] < fraction * pixels) {
        below = below + counts[i];
        i++;
    }
    return values[i];
}
