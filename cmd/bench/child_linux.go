package main

import "syscall"

// endsWithUs makes the kernel end a child when the bench is killed.
func endsWithUs() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} }
