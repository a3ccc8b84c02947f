#Requires -Version 5.1
<#
.SYNOPSIS
Judges the change that the current checkout stands at: 'orchestrator ci' with the given words, for any CI system.
.DESCRIPTION
The program is ORCHESTRATOR (its full path), else 'orchestrator' on the PATH, else one that is built from these sources
(needs the .NET SDK of global.json). Exit codes are those of 'orchestrator ci': 0, 1, 2, 3, 4 (docs/ci.md).
.EXAMPLE
deploy\ci\orchestrator-ci.ps1 --base main --strict
#>
[CmdletBinding()]
param([Parameter(ValueFromRemainingArguments)][string[]]$Words = @())
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$root = [IO.Path]::GetDirectoryName([IO.Path]::GetDirectoryName($PSScriptRoot))

function Invoke-Program {
    <#
    .SYNOPSIS
    Runs a program and leaves its exit code in LASTEXITCODE.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)][string]$Program,
        [Parameter(Mandatory)][string[]]$ArgumentList
    )
    & $Program @ArgumentList
}

function Get-FromPath {
    <#
    .SYNOPSIS
    Full path of a program in a folder of the PATH; nothing when there is none. The current folder is not looked into.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)][string]$Name)
    foreach ($folder in $env:PATH.Split([IO.Path]::PathSeparator)) {
        if ($folder -and [IO.Path]::IsPathRooted($folder)) {
            $file = [IO.Path]::Combine($folder, $Name)
            if ([IO.File]::Exists($file)) {
                return $file
            }
        }
    }
}

$program = $env:ORCHESTRATOR
if ($program -and -not [IO.File]::Exists($program)) {
    [Console]::Error.WriteLine('orchestrator-ci: ORCHESTRATOR names no program.')
    exit 2
}
if (-not $program) {
    $program = Get-FromPath -Name 'orchestrator.exe'
}
if (-not $program) {
    $dotnet = Get-FromPath -Name 'dotnet.exe'
    if (-not $dotnet -or -not [IO.File]::Exists([IO.Path]::Combine($root, 'Orchestrator.sln'))) {
        [Console]::Error.WriteLine('orchestrator-ci: there is no orchestrator.exe on the PATH, and nothing to build one from. Install a release, or name it in ORCHESTRATOR.')
        exit 2
    }
    foreach ($project in @('silo', 'client/cli')) {
        $said = Invoke-Program -Program $dotnet -ArgumentList @(
            'build', [IO.Path]::Combine($root, $project), '-c', 'Release', '-v', 'q', '-p:RestoreLockedMode=true')
        if ($LASTEXITCODE -ne 0) {
            [Console]::Error.WriteLine("orchestrator-ci: the program did not build. $said")
            exit 2
        }
    }
    $program = [IO.Path]::Combine($root, 'artifacts', 'bin', 'Orchestrator.Cli', 'release', 'orchestrator.exe')
}
Invoke-Program -Program $program -ArgumentList (@('ci') + $Words)
exit $LASTEXITCODE
