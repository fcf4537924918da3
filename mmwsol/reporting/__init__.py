from mmwsol.reporting.runs import Run, read_run, record
from mmwsol.reporting.tables import Tables, write_tables

__all__ = ['Run', 'Tables', 'read_run', 'record', 'write_tables']
