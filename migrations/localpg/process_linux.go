package localpg

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// processAttributes lets the kernel stop the server (SIGINT: fast shutdown) when we die, however we
// die, keeps the terminal's Ctrl-C away from it, and drops root.
func processAttributes(as *identity) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Pdeathsig: syscall.SIGINT, Setpgid: true}
	if as != nil {
		attributes.Credential = &syscall.Credential{Uid: as.uid, Gid: as.gid}
	}
	return attributes
}

// commandLine is how the process was started, "" when there is none.
func commandLine(pid int) string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(string(text), "\x00", " ")
}
