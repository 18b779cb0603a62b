/* Runs before the app's own preload, which asks webUtils where a dropped file lies; Electron 22 writes that on the file itself. */
const electron = require('electron');

electron.webUtils ??= { getPathForFile: (file) => file.path };
