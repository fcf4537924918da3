#!/usr/bin/env bash
# tools/dist_train.sh CONFIG GPUS [OPTIONS ...]
# Environment: NNODES, NODE_RANK, MASTER_ADDR, PORT for several machines; PYTHON.
set -euo pipefail
config=$1
gpus=$2
shift 2

"${PYTHON:-python}" -m torch.distributed.run \
    --nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}" --nproc_per_node="$gpus" \
    --master_addr="${MASTER_ADDR:-127.0.0.1}" --master_port="${PORT:-29500}" \
    "$(dirname "$0")/train.py" "$config" --launcher pytorch "$@"
