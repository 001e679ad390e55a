package sqlite

import "context"

// The searches of one app share a limit of their own, so however many and however expensive they are, they take time from
// other apps only for as many searches as the limit allows, and one connection of the app is always left for reads by id.
// Searches beyond the limit wait in order; what they wait does not count as their running time (D129).

// beginSearch waits until one more search of the app may run. Call end when it has.
func (f *file) beginSearch(ctx context.Context) (end func(), err error) {
	select {
	case f.search <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return func() { <-f.search }, nil
}
