// Montage: the noisy input, the mean, the uncertainty and four samples, side by side.
//
// All but the uncertainty in one range of grey, so that they can be compared by eye; the key tells
// both ranges in counts. Draw a rectangle on the result first to see only that part.
//
// From another macro, without a dialog:
//     runMacro("/path/to/montage.ijm", "input=[noisy.tif]");
// input: title of the open noisy image, or none.

var tileWidth, tileHeight, strip, gap = 4, montage;

requireChannels(newArray("mean", "uncertainty", "sample 1", "sample 2"));
result = getImageID();
title = getTitle();
samples = minOf(4, countSamples());
if (getArgument() == "")
    input = askForInput();
else
    input = option("input", "none");
if (input != "none")
    requireInput(input);

hidden = is("Batch Mode");
setBatchMode(true);
selectImage(result);
getSelectionBounds(x, y, width, height);
zoom = maxOf(1, floor(256 / maxOf(width, height)));
tileWidth = width * zoom;
tileHeight = height * zoom;
strip = maxOf(18, round(tileWidth / 12));
newImage("Montage of " + title, "RGB white", 4 * (tileWidth + gap) + gap, 2 * (tileHeight + strip + gap), 1);
montage = getImageID();

copyOf(result, "sample 1");
range = greyRange();
close();
if (input != "none") {
    copyOfPlane(input, x, y, width, height);
    setMinAndMax(range[0], range[1]);
    putTile(0, "noisy input");
}
copyOf(result, "mean");
setMinAndMax(range[0], range[1]);
putTile(1, "mean");
copyOf(result, "uncertainty");
highest = quantile(0.999);
if (highest == 0)
    highest = 1;
run("Fire");
setMinAndMax(0, highest);
putTile(2, "uncertainty");
for (k = 1; k <= samples; k++) {
    copyOf(result, "sample " + k);
    setMinAndMax(range[0], range[1]);
    putTile(k + 3, "sample " + k);
}
drawKey("Grays", 0.2, "all but uncertainty", range[0], range[1]);
drawKey("Fire", 0.6, "uncertainty", 0, highest);
selectImage(montage);
if (!hidden)
    setBatchMode("exit and display");

// Asks which open image of the result's size is the noisy input.
function askForInput() {
    result = getImageID();
    getDimensions(width, height, channels, slices, frames);
    titles = newArray("none");
    for (i = 1; i <= nImages; i++) {
        selectImage(i);
        if (getImageID() != result && getWidth() == width && getHeight() == height)
            titles = Array.concat(titles, getTitle());
    }
    selectImage(result);
    Dialog.create("Montage");
    Dialog.addChoice("Noisy input", titles, titles[titles.length - 1]);
    Dialog.show();
    return Dialog.getChoice();
}

// Stops with advice unless an image of this title is open and has the size of the current one.
function requireInput(title) {
    getDimensions(width, height, channels, slices, frames);
    if (!isOpen(title))
        exit("The noisy input is not open.\n \nReceived: " + title + "\n \nOpen it, or do without: input=none.");
    selectImage(title);
    if (getWidth() != width || getHeight() != height)
        exit("The noisy input has not the size of the result.\n \nReceived: " + getWidth() + " x " + getHeight()
            + " and " + width + " x " + height + " pixels.\n \nGive the image that the result was made of.");
}

// Opens a copy of a part of the plane that an image shows.
function copyOfPlane(title, x, y, width, height) {
    selectImage(title);
    selected = selectionType() >= 0;
    run("Select None");
    run("Duplicate...", "title=plane");
    makeRectangle(x, y, width, height);
    run("Crop");
    run("32-bit");
    run("Grays");
    copy = getImageID();
    if (selected) {
        selectImage(title);
        run("Restore Selection");
        selectImage(copy);
    }
}

// Moves the current image to a place of the montage (0 to 3 in its first row) and names it.
function putTile(place, name) {
    run("RGB Color");
    run("Size...", "width=" + tileWidth + " height=" + tileHeight + " interpolation=None");
    x = gap + (place % 4) * (tileWidth + gap);
    y = strip + floor(place / 4) * (tileHeight + strip + gap);
    putInto(montage, x, y);
    setFont("SansSerif", round(0.66 * strip), "antialiased");
    setColor("black");
    drawString(name, x, y - round(0.15 * strip));
}

// Draws a bar of colours with its range in counts, into the last place of the first row.
function drawKey(colours, height, name, low, high) {
    x = gap + round(3.1 * (tileWidth + gap));
    y = strip + round(height * tileHeight);
    newImage("bar", "8-bit ramp", round(0.8 * tileWidth), strip, 1);
    run(colours);
    run("RGB Color");
    putInto(montage, x, y);
    setFont("SansSerif", round(0.66 * strip), "antialiased");
    setColor("black");
    drawRect(x, y, round(0.8 * tileWidth), strip);
    drawString(name, x, y - round(0.15 * strip));
    drawString(d2s(low, 1) + " to " + d2s(high, 1) + " counts", x, y + 2 * strip);
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
