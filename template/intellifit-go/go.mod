// A stub, so that ./... at the repository's root leaves this folder out. The build replaces it with the root's go.mod.
module handler

go 1.26
