package letters_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"portico/app/letters"
	"portico/tenants"
)

// BenchmarkWrite is a letter and its job in one round trip with the commit, eight clients at once.
func BenchmarkWrite(b *testing.B) {
	h := newHouse(b)
	o := h.outbox(func(*letters.Settings) {})
	var n atomic.Int64
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			err := h.db.In(b.Context(), h.a, func(s *tenants.Scope) error {
				batch := &tenants.Batch{}
				if _, err := o.Add(batch, s, recovery("ada@people.example", fmt.Sprint(n.Add(1)))); err != nil {
					return err
				}
				return s.SendAndCommit(b.Context(), batch)
			})
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
}
