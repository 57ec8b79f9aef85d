// Uncertainty overlay: where should I not trust the picture?
//
// The mean in grey, and over it, from yellow to red, how far the samples spread (their standard
// deviation). Where there is no colour the samples agree. The legend is in counts. Draw a
// rectangle first to see only that part.
//
// From another macro, without a dialog:
//     runMacro("/path/to/uncertainty_overlay.ijm", "opacity=80 highest=12.5");
// opacity: of the reddest colour, in percent. highest: the counts that are shown reddest; 0 takes
// those that only the most uncertain thousandth of the pixels exceeds.

requireChannels(newArray("mean", "uncertainty"));
result = getImageID();
title = getTitle();
opacity = parseFloat(option("opacity", "80"));
highest = parseFloat(option("highest", "0"));
if (getArgument() == "") {
    Dialog.create("Uncertainty overlay");
    Dialog.addSlider("Opacity of the reddest colour (%)", 0, 100, opacity);
    Dialog.addNumber("Reddest (0: by itself)", highest, 1, 8, "counts");
    Dialog.show();
    opacity = Dialog.getNumber();
    highest = Dialog.getNumber();
}

hidden = is("Batch Mode");
setBatchMode(true);
grey = copyOf(result, "mean");
range = greyRange();
asFraction(range[0], range[1]);
heat = copyOf(result, "uncertainty");
if (highest <= 0)
    highest = quantile(0.999);
if (highest == 0)
    highest = 1;
asFraction(0, highest);
blend(grey, heat, opacity / 100);
zoom = maxOf(1, floor(400 / maxOf(getWidth(), getHeight())));
width = getWidth() * zoom;
height = getHeight() * zoom;
run("Size...", "width=" + width + " height=" + height + " interpolation=None");
picture = getImageID();

size = maxOf(11, round(height / 28));
newImage("Uncertainty of " + title, "RGB white", width + 9 * size, maxOf(height, 17 * size), 1);
overlay = getImageID();
selectImage(picture);
putInto(overlay, 0, 0);
drawLegend(width + size, size, highest, opacity / 100);
if (!hidden)
    setBatchMode("exit and display");

// Turns the current image's counts into fractions of a range; beyond it they are 0 and 1.
function asFraction(lowest, highest) {
    run("Subtract...", "value=" + lowest);
    run("Divide...", "value=" + (highest - lowest));
    run("Min...", "value=0");
    run("Max...", "value=1");
}

// Makes an RGB image of two images of fractions and closes them: each pixel is grey, covered by
// yellow (heat 0) to red (heat 1), whose opacity grows with the square of the heat.
function blend(grey, heat, opacity) {
    selectImage(heat);
    run("Duplicate...", "title=cover");
    run("Square");
    run("Multiply...", "value=" + opacity);
    cover = getImageID();
    covered = combined("Multiply", cover, grey);
    blue = combined("Subtract", grey, covered);
    red = combined("Add", blue, cover);
    lost = combined("Multiply", cover, heat);
    green = combined("Subtract", red, lost);
    closeAll(newArray(grey, heat, cover, covered, lost));
    names = newArray("red part", "green part", "blue part");
    parts = newArray(red, green, blue);
    for (i = 0; i < 3; i++) {
        selectImage(parts[i]);
        setMinAndMax(0, 1);
        run("8-bit");
        rename(names[i]);
    }
    run("Merge Channels...", "c1=[red part] c2=[green part] c3=[blue part]");
}

// Opens the pixelwise combination of two images and returns its ID.
function combined(operation, one, other) {
    imageCalculator(operation + " create 32-bit", one, other);
    return getImageID();
}

function closeAll(images) {
    for (i = 0; i < images.length; i++) {
        selectImage(images[i]);
        close();
    }
}

// Draws the legend into the current image: what the colours over a middling grey mean.
function drawLegend(x, size, highest, opacity) {
    picture = getImageID();
    length = 11 * size;
    newImage("heat", "32-bit ramp", length, 2 * size, 1);
    run("Rotate 90 Degrees Left");
    heat = getImageID();
    newImage("grey", "32-bit black", 2 * size, length, 1);
    run("Add...", "value=0.5");
    blend(getImageID(), heat, opacity);
    top = 4 * size;
    putInto(picture, x, top);
    setFont("SansSerif", size, "antialiased");
    setColor("black");
    drawString("uncertainty", x, round(1.5 * size));
    drawString("(counts)", x, round(2.8 * size));
    for (i = 0; i <= 4; i++)
        drawString(d2s(highest * (4 - i) / 4, 1), x + round(2.5 * size), top + round(i * length / 4 + 0.5 * size));
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

// Moves the current RGB image into another one, which becomes the current one.
function putInto(image, x, y) {
    run("Select All");
    run("Copy");
    width = getWidth();
    height = getHeight();
    close();
    selectImage(image);
    makeRectangle(x, y, width, height);
    run("Paste");
    run("Select None");
}
