// Run a package on every image of a folder, through deepImageJ 3, and save the results.
//
// Each result is one TIFF named like its image, with the channels mean, uncertainty, sample 1,
// sample 2 and so on, in counts. Images that have their result already are skipped: if Fiji was
// closed half-way, run the macro again.
//
// From another macro, without a dialog:
//     runMacro("/path/to/run_on_folder.ijm",
//         "model_path=[/path/to/package] input_path=[/noisy] output_folder=[/denoised] ending=.tif");
// model_path: the unpacked package, or its name in Fiji's folder "models". ending: of the images.
//
// deepImageJ 3's command is "DeepImageJ Run" (its plugins.config); its keys are model_path, and, if
// wanted, input_path, output_folder and display_output (its DeepImageJ_Run.java). It could take the
// whole folder, but stops at the first file that is no image, and cuts names at the first space, so
// that "cell 1.tif" and "cell 2.tif" would be saved as one file: here it is given one by one.

requireDeepImageJ();
package = option("model_path", call("ij.Prefs.get", "divnoising.package", ""));
input = option("input_path", "");
output = option("output_folder", "");
ending = option("ending", ".tif");
if (getArgument() == "") {
    Dialog.create("Run a package on a folder");
    Dialog.addDirectory("Package, unpacked", package);
    Dialog.addDirectory("Noisy images", input);
    Dialog.addString("whose names end with", ending);
    Dialog.addDirectory("Save to", output);
    Dialog.show();
    package = Dialog.getString();
    input = Dialog.getString();
    ending = Dialog.getString();
    output = Dialog.getString();
    call("ij.Prefs.set", "divnoising.package", package);
}
package = cleaned(package);
requirePackage(package);
input = cleaned(input);
output = cleaned(output);
if (!File.isDirectory(input) || output == "" || input == output)
    exit("Give the folder of the noisy images and another folder for the results.\n \nReceived: "
        + input + " and " + output);

unfinished = output + "/unfinished";
makeFolder(output);
makeFolder(unfinished);
files = getFileList(input);
done = 0;
skipped = 0;
setBatchMode(true);
for (i = 0; i < files.length; i++) {
    if (endsWith(toLowerCase(files[i]), toLowerCase(ending)) && !startsWith(files[i], ".")) {
        name = substring(files[i], 0, lengthOf(files[i]) - lengthOf(ending));
        denoised = output + "/" + name + " denoised.tif";
        if (File.exists(denoised))
            skipped++;
        else {
            showStatus("Denoising " + files[i]);
            runOn(package, input + "/" + files[i], unfinished, denoised);
            done++;
        }
    }
}
deleted = File.delete(unfinished);
if (done + skipped == 0)
    exit("No image was found.\n \nReceived: " + input + ", names that end with " + ending);
print(done + " image(s) denoised, " + skipped + " had a result already; results in " + output);

// Denoises one image file; the result has its name only once it is whole.
function runOn(package, image, unfinished, denoised) {
    left = getFileList(unfinished);
    for (k = 0; k < left.length; k++)
        deleted = File.delete(unfinished + "/" + left[k]);
    run("DeepImageJ Run", "model_path=[" + package + "] input_path=[" + image + "] output_folder=[" + unfinished + "]");
    made = getFileList(unfinished);
    if (made.length != 1)
        exit("deepImageJ made no result. Window > Console tells why.\n \nReceived: " + image);
    open(unfinished + "/" + made[0]);
    nameChannels();
    saveAs("Tiff", unfinished + "/" + made[0]);
    close();
    moved = File.rename(unfinished + "/" + made[0], denoised);
}

function makeFolder(path) {
    if (!File.isDirectory(path))
        File.makeDirectory(path);
    if (!File.isDirectory(path))
        exit("This folder cannot be made.\n \nReceived: " + path);
}

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
