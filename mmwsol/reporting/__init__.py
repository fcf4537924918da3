from mmwsol.reporting.export import export, read_results
from mmwsol.reporting.metafiles import Row, record, summaries
from mmwsol.reporting.runs import Run, read_run
from mmwsol.reporting.tables import Tables, write_tables

__all__ = [
    'Row',
    'Run',
    'Tables',
    'export',
    'read_results',
    'read_run',
    'record',
    'summaries',
    'write_tables',
]
