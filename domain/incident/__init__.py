"""One incident as a pure reducer: `(state, event, now)` to state, effects, deadlines."""
