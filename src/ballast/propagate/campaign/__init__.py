"""Campaigns: many draws of one or more scenarios, in parts on disk, with summaries only.

folder    `run`: the parts that are missing, then the tables; `on_threads`: parts on this machine
cluster   `on_cluster`: parts on a Ray cluster
card      `on_card`: parts in batches on a CUDA card
parts     `plan`: what is to run, cut into parts; the files of parts
tables    what comes out: tables and headlines
"""

from ballast.propagate.campaign.folder import Campaign, Spread, on_threads, run
from ballast.propagate.campaign.parts import Job, Part, Plan, plan, run_part

__all__ = ["Campaign", "Job", "Part", "Plan", "Spread", "on_threads", "plan", "run", "run_part"]
