// Stands in for "electron" outside electron/: it exports nothing, so any import of a name from it is a type error.
export {};
