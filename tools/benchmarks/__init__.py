from tools.benchmarks.data_wait import DataWait, data_wait
from tools.benchmarks.flops import count_flops
from tools.benchmarks.matmul import Matmul
from tools.benchmarks.measure import measure
from tools.benchmarks.memory import peak_memory
from tools.benchmarks.synthetic import pipeline_size, synthetic_batch
from tools.benchmarks.table import table
from tools.benchmarks.timing import alternate
from tools.benchmarks.usage import Usage, growth, usage
from tools.benchmarks.workload import Workload

__all__ = [
    'DataWait',
    'Matmul',
    'Usage',
    'Workload',
    'alternate',
    'count_flops',
    'data_wait',
    'growth',
    'measure',
    'peak_memory',
    'pipeline_size',
    'synthetic_batch',
    'table',
    'usage',
]
