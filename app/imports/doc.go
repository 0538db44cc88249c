// Package imports brings many people into a tenant from a file, and takes the list of them out as one.
//
// A file is read once, as it streams in (csv.go), and its rows are kept in sealed chunks. Somebody says
// which column is which field (fields.go); a dry run judges each row without changing anything (judge.go,
// by what is read in ground.go and have.go); the run judges once more and writes a chunk a transaction
// (apply.go), so that whatever ends it in the middle leaves whole chunks done and the others to do. People
// are matched by their external_id, and what is as the file says stays untouched: the same file twice, or
// the same chunk twice, changes nothing.
//
// Work is a row that is due (imports.due_at). A worker (job.go) takes it by moving that time on and writing
// its own id as the holder; every transaction of the work looks at the holder first. A worker that dies
// leaves the row due again after a lease. It has no job in River: River rescues the jobs of dead workers
// after minutes, and a second client in its schema could be elected to lead without knowing the upkeep of
// letters.
//
// Invitations leave afterwards in waves (waves.go) that stop when too many of them fail.
package imports
