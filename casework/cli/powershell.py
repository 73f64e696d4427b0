"""Completion in PowerShell, which click itself does not support."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, ClassVar

from click.shell_completion import ShellComplete

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

LINE, WORD = "CASEWORK_COMPLETE_LINE", "CASEWORK_COMPLETE_WORD"
"""The variables with the words of a line, as JSON, and the word being typed."""

SCRIPT = r"""
$names = @('%(prog_name)s', '%(prog_name)s.exe')
Register-ArgumentCompleter -Native -CommandName $names -ScriptBlock {
    param($word, $line, $position)
    $words = @($line.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $position } |
        ForEach-Object { if ($null -ne $_.Value) { "$($_.Value)" } else { $_.Extent.Text } })
    $before = [Console]::OutputEncoding
    try {
        [Console]::OutputEncoding = [System.Text.Encoding]::UTF8
        $env:%(complete_var)s = 'powershell_complete'
        $env:CASEWORK_COMPLETE_LINE = ConvertTo-Json -Compress -InputObject $words
        $env:CASEWORK_COMPLETE_WORD = $word
        & $line.GetCommandName() | ForEach-Object {
            $kind, $value, $help = $_ -split "`t", 3
            if ($kind -eq 'plain') {
                $typed = $value
                if ($value -match '\s') { $typed = "'" + $value.Replace("'", "''") + "'" }
                [System.Management.Automation.CompletionResult]::new(
                    $typed, $value, 'ParameterValue', $help)
            }
        }
    } finally {
        [Console]::OutputEncoding = $before
        $used = 'Env:%(complete_var)s', 'Env:CASEWORK_COMPLETE_LINE', 'Env:CASEWORK_COMPLETE_WORD'
        Remove-Item $used -ErrorAction Ignore
    }
}
"""


class PowerShell(ShellComplete):
    """The script for PowerShell, and the format of its requests and answers."""

    name: ClassVar[str] = "powershell"
    source_template: ClassVar[str] = SCRIPT

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the complete words after the command, and the one being typed."""
        try:
            words = json.loads(os.environ.get(LINE, "[]"))
        except ValueError:
            words = []
        # PowerShell 5 writes a list of one as the one.
        words = words if isinstance(words, list) else [words]
        return [str(word) for word in words], os.environ.get(WORD, "")

    def format_completion(self, item: CompletionItem) -> str:
        """Return a line with kind, value and help of a completion."""
        return f"{item.type}\t{item.value}\t{' '.join((item.help or item.value).split())}"
