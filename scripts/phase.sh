# Sourced: headings that say how long it has taken so far.
phase_started=$SECONDS

phase() {
    printf '\n==> %s  [%d:%02d]\n' "$1" $(((SECONDS - phase_started) / 60)) $(((SECONDS - phase_started) % 60))
}

fail() {
    local code=$?
    printf '\n==> failed after %d:%02d\n' $(((SECONDS - phase_started) / 60)) $(((SECONDS - phase_started) % 60)) >&2
    exit "$code"
}
