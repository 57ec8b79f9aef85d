// Measure a region: how bright is this nucleus, plus or minus?
//
// Draw a region on a package's result and run this macro. It measures the mean intensity inside
// the region in every sample. Each sample could be the truth, so the spread of these numbers says
// how well the noisy image fixes the brightness. Every region that you measure adds one row to the
// Results table: mean, standard deviation and 95 % interval over the samples, then what was
// measured in each sample, all in counts.
//
// The 95 % interval: with 40 samples or more, the 2.5th and 97.5th percentile of what was measured.
// Fewer samples do not show such rare values (all of 8 samples span 78 % on average); then it is
// Student's t interval for one further sample, mean +- t * deviation * sqrt(1 + 1 / samples).
//
// From another macro: makeOval(...); runMacro("/path/to/measure_region.ijm"); there is no dialog.

requireChannels(newArray("sample 1", "sample 2"));
type = selectionType();
if (type < 0 || (type > 4 && type != 9))
    exit("Draw a region first: a rectangle, an oval, a polygon or a freehand outline around what you\n"
        + "want to measure. Then run this macro again.");
samples = countSamples();
measured = newArray(samples);
Stack.getPosition(shown, slice, frame);
for (k = 0; k < samples; k++) {
    Stack.setChannel(channelOf("sample " + (k + 1)));
    getStatistics(area, regionMean);
    measured[k] = regionMean;
}
Stack.setChannel(shown);
Array.getStatistics(measured, least, greatest, mean, deviation);
if (samples < 40) {
    method = "Student's t of " + samples + " samples";
    reach = studentT(samples - 1) * deviation * sqrt(1 + 1 / samples);
    low = mean - reach;
    high = mean + reach;
} else {
    method = "percentiles of " + samples + " samples";
    low = percentile(measured, 2.5);
    high = percentile(measured, 97.5);
}

region = Roi.getName;
if (region == "") {
    getSelectionBounds(x, y, width, height);
    region = "" + width + " x " + height + " at x=" + x + " y=" + y;
}
row = nResults;
setResult("Label", row, getTitle() + ": " + region);
setResult("Mean of samples", row, mean);
setResult("Standard deviation", row, deviation);
setResult("95% low", row, low);
setResult("95% high", row, high);
setResult("Interval", row, method);
for (k = 0; k < samples; k++)
    setResult("Sample " + (k + 1), row, measured[k]);
updateResults();
plotSamples(measured, mean, low, high);

// Shows what was measured in every sample, their mean and the 95 % interval.
function plotSamples(measured, mean, low, high) {
    samples = measured.length;
    numbers = Array.slice(Array.getSequence(samples + 1), 1);
    Array.getStatistics(measured, least, greatest);
    bottom = minOf(low, least);
    top = maxOf(high, greatest);
    margin = maxOf(0.08 * (top - bottom), 0.001);
    Plot.create("Region in every sample", "sample", "mean intensity (counts)");
    Plot.setLimits(0.5, samples + 0.5, bottom - margin, top + 2.5 * margin);
    Plot.setColor("blue");
    Plot.drawLine(0.5, low, samples + 0.5, low);
    Plot.drawLine(0.5, high, samples + 0.5, high);
    Plot.setLineWidth(3);
    Plot.drawLine(0.5, mean, samples + 0.5, mean);
    Plot.setLineWidth(1);
    Plot.setColor("black", "red");
    Plot.add("circle", numbers, measured);
    Plot.addText("mean " + d2s(mean, 2) + " counts, 95 % interval " + d2s(low, 2) + " to " + d2s(high, 2), 0.02, 0.07);
    Plot.setFormatFlags("11000000001111");
    Plot.show();
}

// Returns a percentile of numbers, between the two nearest in proportion to their distance.
function percentile(numbers, percent) {
    sorted = Array.copy(numbers);
    Array.sort(sorted);
    place = percent / 100 * (sorted.length - 1);
    below = floor(place);
    above = minOf(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

// Returns the 97.5th percentile of Student's t distribution, for up to 38 degrees of freedom.
function studentT(freedom) {
    quantiles = newArray(12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622,
        2.2281, 2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860,
        2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423, 2.0395,
        2.0369, 2.0345, 2.0322, 2.0301, 2.0281, 2.0262, 2.0244);
    return quantiles[freedom - 1];
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
