#!/usr/bin/env bash
# Installs the wheel and uses it as somebody without a checkout does, in an empty folder.
# usage: tests/packaging/wheel_job.sh [PYTHON]     whose setuptools builds the wheel
#
# The new environment borrows the requirements of PYTHON's own, since torch alone is 5 GB:
# a .pth file names their folder, whose own .pth files, among them the one of an editable
# mmwsol, are then not read. FROM_SCRATCH=1 downloads everything instead.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
python=$(cd "$root" && command -v "${1:-.venv/bin/python}")
case $python in /*) ;; *) python=$root/$python ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset PYTHONPATH
export HOME=$work/home

# the wheel is made from the source distribution, so that both are complete
(cd "$root" && "$python" setup.py -q sdist --dist-dir "$work/dist")
"$python" -m pip wheel -q --no-deps --no-build-isolation -w "$work/dist" "$work"/dist/*.gz
"$python" -m venv --without-pip "$work/venv"
export PATH=$work/venv/bin:$PATH
pip=("$python" -m pip --python "$work/venv/bin/python")
purelib='import sysconfig; print(sysconfig.get_path("purelib"))'
if [ "${FROM_SCRATCH:-0}" = 1 ]; then
    "${pip[@]}" install -q "$(echo "$work"/dist/*.whl)[host]"
else
    "${pip[@]}" install -q --no-deps "$work"/dist/*.whl
    from=$("$python" -c "$purelib") to=$(python -c "$purelib")
    echo "$from" >"$to/borrowed.pth"
    cp "$from/distutils-precedence.pth" "$to" # setuptools' own; Python 3.12 has no distutils
fi

mkdir "$work/empty"
cd "$work/empty"
"${pip[@]}" check
small=(train_dataloader.dataset.num_train=64 val_dataloader.dataset.num_test=20
    test_dataloader.dataset.num_test=20 train_cfg.max_epochs=1 train_cfg.val_interval=1)
set -x
mmwsol train cam/resnet18_toy --work-dir run --cfg-options "${small[@]}"
mmwsol test cam/resnet18_toy run/epoch_1.pth --out test.json --save-maps maps \
    --show-dir shown --interval 1 --cfg-options "${small[@]}"
mmwsol infer shown cam/resnet18_toy run/epoch_1.pth --out found
mmwsol eval_maps --maps maps/maps --ann maps/annotations --out maps.json
python "$root/tests/packaging/check_wheel.py" "$root"
