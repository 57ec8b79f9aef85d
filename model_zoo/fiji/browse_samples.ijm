// Browse the samples: is this gap real?
//
// A package's result holds several samples: clean images that all fit what the camera saw. This
// macro shows them one after the other in one range of grey. What stays while they change is in
// the data; what comes and goes the data do not decide. Draw a rectangle first to see only that.
//
// From another macro, without a dialog:
//     runMacro("/path/to/browse_samples.ijm", "speed=4 save=[/path/to/samples.avi]");
// speed: samples per second. save: a file that ends in .avi or .tif; leave it out to save nothing.

requireChannels(newArray("sample 1", "sample 2"));
result = getImageID();
samples = countSamples();
speed = parseFloat(option("speed", "4"));
path = option("save", "");
if (getArgument() == "") {
    Dialog.create("Browse the samples");
    Dialog.addMessage(getTitle() + " holds " + samples + " samples.");
    Dialog.addNumber("Samples per second", speed);
    Dialog.addChoice("Save as", newArray("nothing", "AVI movie", "TIFF stack"));
    Dialog.show();
    speed = Dialog.getNumber();
    kind = Dialog.getChoice();
    if (kind != "nothing") {
        path = getDirectory("Folder for the samples") + File.getNameWithoutExtension(getTitle()) + " samples";
        if (kind == "AVI movie")
            path = path + ".avi";
        else
            path = path + ".tif";
    }
}
if (path != "" && !endsWith(path, ".avi") && !endsWith(path, ".tif"))
    exit("The samples are saved as a file that ends in .avi or .tif.\n \nReceived: " + path);

hidden = is("Batch Mode");
setBatchMode(true);
title = getTitle() + " samples";
first = channelOf("sample 1");
last = first + samples - 1;
if (is("composite"))
    Stack.setDisplayMode("grayscale");
run("Duplicate...", "title=[" + title + "] duplicate channels=" + first + "-" + last + " range=" + first + "-" + last);
run("Select None");
if (Stack.isHyperstack)
    run("Hyperstack to Stack");
run("Grays");
setSlice(1);
range = greyRange();
setMinAndMax(range[0], range[1]);
if (endsWith(path, ".tif"))
    saveAs("Tiff", path);
if (endsWith(path, ".avi")) {
    browsed = getImageID();
    run("Duplicate...", "title=movie duplicate");
    run("8-bit");
    run("AVI... ", "compression=JPEG frame=" + speed + " save=[" + path + "]");
    close();
    selectImage(browsed);
}
if (!hidden) {
    setBatchMode("exit and display");
    run("Animation Options...", "speed=" + speed + " first=1 last=" + samples);
    // by itself, since run() would wait until the animation is stopped
    doCommand("Start Animation [\\]");
}

// ---- The same in every macro of this folder: a macro cannot borrow another one's functions ----

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

// Stops with advice unless the current image is a package's result with these channels.
function requireChannels(names) {
    if (nImages == 0)
        exit("No image is open.\n \nRun the package first (run_on_open_image.ijm), or open a result of it.");
    for (i = 0; i < names.length; i++) {
        if (channelOf(names[i]) == 0) {
            getDimensions(width, height, channels, slices, frames);
            received = getTitle() + ": " + bitDepth() + "-bit, " + channels + " channel(s), "
                + slices + " slice(s), " + frames + " frame(s)";
            label = labelOf(1);
            if (label != "")
                received = received + ", the first plane is called \"" + label + "\"";
            exit("This image is not the result of a DivNoising package, or lacks its channel \""
                + names[i] + "\".\n \nReceived: " + received
                + ".\n \nExpected: one 32-bit image with the channels mean, uncertainty, sample 1,"
                + " sample 2 and so on.\nClick on such a result, then run this macro again.");
        }
    }
}

// Returns the number of the channel of this name in the current image, 0 if it has none.
function channelOf(name) {
    getDimensions(width, height, channels, slices, frames);
    if (bitDepth() != 32 || slices * frames > 1)
        return 0;
    named = false;
    found = 0;
    fitting = 0;
    for (c = 1; c <= channels; c++) {
        label = labelOf(c);
        if (label == name)
            return c;
        // divnoising adds the name that the channel had in the noisy image
        if (startsWith(label, name + ", ")) {
            found = c;
            fitting++;
        }
        if (label != "")
            named = true;
    }
    if (fitting == 1)
        return found;
    // deepImageJ gives no names: then the order of the package counts
    if (named || channels < 4)
        return 0;
    if (name == "mean")
        return 1;
    if (name == "uncertainty")
        return 2;
    channel = parseInt(substring(name, lengthOf("sample "))) + 2;
    if (channel > channels)
        return 0;
    return channel;
}

// Returns the name of a plane of the current image, "" if it has none.
function labelOf(plane) {
    label = Property.getSliceLabel(plane);
    if (indexOf(label, "\n") >= 0)
        label = substring(label, 0, indexOf(label, "\n"));
    // Bio-Formats names planes by their number
    if (startsWith(label, "c:"))
        return "";
    return label;
}

// Returns how many samples the current image holds.
function countSamples() {
    n = 0;
    while (channelOf("sample " + (n + 1)) > 0)
        n++;
    return n;
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
