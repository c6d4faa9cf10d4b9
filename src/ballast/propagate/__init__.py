"""How a shock travels: one daily step made of named phases.

parameters  the default model's parameters: value, range, grade, source; sampled by the ensemble
step/       the daily step of the default model: reference in NumPy, and compiled
published/  the published models (ARIO, Pichler, Inoue and Todo) as one step with rules that are data
run         what one run gives: labelled paths, value added, who stopped and why
kept        what a run keeps: everything, some arrays, or sums over the nodes
simulate    simulate(economy, scenario or forcing, ...) -> Run, for all models
amplify     whether orders outgrew the shock
ensemble    many draws of parameters and uncertain inputs
bench       re-simulations of one run under changes: what each place, road or input is worth
card/       the step for many columns side by side, on the processor or on a card
campaign/   thousands of draws in parts on disk, here or on a cluster; it continues after any stop
static      what can be said without a model of time: direct loss, Leontief, Ghosh
"""
