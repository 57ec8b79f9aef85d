// Difference of two samples: where do two possible images disagree, and by how many counts?
//
// Red: the first sample is brighter; blue: the second; white: they agree. The result is a 32-bit
// image, so that a pixel under the mouse still tells its difference in counts. Draw a rectangle
// first to see only that part.
//
// From another macro, without a dialog:
//     runMacro("/path/to/difference_of_samples.ijm", "first=1 second=2");

requireChannels(newArray("sample 1", "sample 2"));
result = getImageID();
samples = countSamples();
first = parseInt(option("first", "1"));
second = parseInt(option("second", "2"));
if (getArgument() == "") {
    Dialog.create("Difference of two samples");
    Dialog.addNumber("First sample", first);
    Dialog.addNumber("Second sample", second);
    Dialog.show();
    first = Dialog.getNumber();
    second = Dialog.getNumber();
}
requireChannels(newArray("sample " + first, "sample " + second));

hidden = is("Batch Mode");
setBatchMode(true);
name = getTitle();
one = copyOf(result, "sample " + first);
other = copyOf(result, "sample " + second);
imageCalculator("Subtract create 32-bit", one, other);
difference = getImageID();
rename(name + ": sample " + first + " minus sample " + second);
selectImage(one);
close();
selectImage(other);
close();
selectImage(difference);
getStatistics(area, mean, least, greatest);
largest = maxOf(abs(least), abs(greatest));
if (largest == 0)
    largest = 1;
blueWhiteRed();
setMinAndMax(-largest, largest);
drawLegend(largest);
if (!hidden)
    setBatchMode("exit and display");

// Colours the current image: blue below the middle of its range, white there, red above.
function blueWhiteRed() {
    reds = newArray(256);
    greens = newArray(256);
    blues = newArray(256);
    for (i = 0; i < 256; i++) {
        paleness = 255 - 2 * abs(i - 127.5);
        greens[i] = round(paleness);
        reds[i] = 255;
        blues[i] = 255;
        if (i < 128)
            reds[i] = round(paleness);
        else
            blues[i] = round(paleness);
    }
    setLut(reds, greens, blues);
}

// Draws the range in counts into the corner, as an overlay that leaves the pixels as they are.
function drawLegend(largest) {
    size = maxOf(9, round(getHeight() / 24));
    setFont("SansSerif", size, "antialiased");
    setColor("black");
    Overlay.drawString("red: +" + d2s(largest, 1) + " counts", size / 2, 1.5 * size);
    Overlay.drawString("blue: -" + d2s(largest, 1) + " counts", size / 2, 2.8 * size);
    Overlay.show;
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

// Opens a copy of one channel of a result, of its selection if there is one, and returns its ID.
function copyOf(result, name) {
    selectImage(result);
    channel = channelOf(name);
    run("Duplicate...", "title=[" + name + "] duplicate channels=" + channel + " range=" + channel + "-" + channel);
    run("Select None");
    run("Grays");
    return getImageID();
}
