// Package sqlite is the embedded store: records, their search index and the change log of each app in one SQLite file.
//
// # Files
//
//	<dir>/para.lock            lock of the process that uses the folder, with its process id
//	<dir>/apps/<name>.db       one app, the root app included; beside it -wal and -shm while the app is open
//	<dir>/apps/<name>.new      being created or restored; of no value after a crash
//	<dir>/apps/<name>.dropped  being removed
//	<dir>/tmp/                 spooled snapshots; emptied at start
//	<dir>/before-upgrade/      copies of files made before their format was upgraded
//
// Name is the app's identifier: a-z, 0-9, - and _ stand for themselves, every other byte for % and two hexadecimal
// digits, so that file systems which ignore case keep all apps apart. The file itself knows its identifier too and is
// refused under the name of another app.
//
// # Writing
//
// Each open app has one writer. It takes the calls of Apply that wait, runs them in one transaction and tells each its
// fate after the commit: with durability full the write-ahead log is on disk by then. When SQLite refuses the
// transaction (a full disk, an I/O error), it is rolled back and every call is run again alone, so one call cannot fail
// another. Commits of different apps take turns. Checkpoints run beside the writer; it waits for one only when the log
// outgrew its limit because it was never read to its end. Reads end after Options.MaxReadTime, so none pins the log for
// ever, and snapshots are copied by the writer in small steps between commits, which pins nothing.
//
// # Creating and dropping an app; the record in the root app
//
// An app has a storage file and a record in the root app's file, and no transaction spans two files. The file is
// therefore the promise and the record the truth:
//
//   - creation: CreateApp makes the file (written under another name, synchronised, renamed), then the caller writes the
//     record. A crash in between leaves an empty file without a record: harmless, and taken over by the next creation
//     with this identifier. Whoever lists apps asks the records, not the files.
//   - deletion: the caller marks the record (not active, being deleted), calls DropApp, then removes the record. At start
//     the caller repeats DropApp for every record with the mark.
//   - DropApp renames the file to .dropped, which is the moment of deletion, and removes what is left; Open finishes that
//     for every .dropped file it finds.
//   - a record without the mark whose file is missing is damage (somebody removed the file): the app's operations fail
//     with NotFound until its file is restored; nothing makes an empty file in its place.
//   - a file without a record that is not empty (LastChange greater than 0) is kept: it may be the rest of a root app that
//     was restored from an older snapshot.
//
// # Opening
//
// Every file is checked before use: size, SQLite's magic bytes, application_id, and user_version, which holds the number
// of the format. A newer format is refused; an older one is copied to before-upgrade and then upgraded in one
// transaction. When a write-ahead log was left behind (the process was killed), SQLite recovers it, and the file's
// structure is checked in the background; see Store.Health. Open refuses a folder whose root app cannot be read, or that
// has files of apps but none of the root app, or where the data of a Java server lies that was not migrated (D98).
package sqlite
