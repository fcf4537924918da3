from tools.reproduce.plan import Plan, PlannedRun, plans, read_plan

__all__ = ['Plan', 'PlannedRun', 'plans', 'read_plan']
