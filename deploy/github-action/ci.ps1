#Requires -Version 5.1
<#
.SYNOPSIS
The action's step on Windows: inputs come as ORCHESTRATOR_CI_*, are looked at, and become the words of 'orchestrator ci'.
#>
[CmdletBinding()]
param()
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$words = [System.Collections.Generic.List[string]]::new()

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

function Write-ExitCode {
    <#
    .SYNOPSIS
    Tells the workflow the exit code.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory)][int]$Code)
    if ($env:GITHUB_OUTPUT) {
        [IO.File]::AppendAllText($env:GITHUB_OUTPUT, "exit-code=$Code`n")
    }
}

function Write-Wrong {
    <#
    .SYNOPSIS
    Says what is wrong with an input, and ends.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory)][string]$Message)
    [Console]::Error.WriteLine("orchestrator action: $Message")
    Write-ExitCode -Code 2
    exit 2
}

function Test-Value {
    <#
    .SYNOPSIS
    True when an input was given. One that begins with '-' would be read as an option, and none takes a line break.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory)][string]$Name,
        [string]$Value
    )
    if (-not $Value) {
        return $false
    }
    if ($Value.StartsWith('-') -or $Value.IndexOfAny([char[]]"`r`n") -ge 0) {
        Write-Wrong -Message "the input '$Name' begins with '-' or has a line break in it."
    }
    return $true
}

$type = $env:ORCHESTRATOR_CI_TYPE
if (-not $type) {
    $type = 'fix'
}
if ($type -cnotin @('fix', 'documentation')) {
    Write-Wrong -Message "the input 'type' is neither fix nor documentation."
}
$values = @(
    @('base', '--base', $env:ORCHESTRATOR_CI_BASE),
    @('policy', '--policy', $env:ORCHESTRATOR_CI_POLICY),
    @('type', '--type', $type),
    @('requester', '--requester', $env:ORCHESTRATOR_CI_REQUESTER),
    @('repository', '--repo', $env:ORCHESTRATOR_CI_REPOSITORY),
    @('sarif', '--sarif', $env:ORCHESTRATOR_CI_SARIF)
)
foreach ($value in $values) {
    if (Test-Value -Name $value[0] -Value $value[2]) {
        $words.Add($value[1])
        $words.Add($value[2])
    }
}
foreach ($place in "$env:ORCHESTRATOR_CI_ARTIFACTS".Split("`n")) {
    $trimmed = $place.TrimEnd("`r")
    if (Test-Value -Name 'artifacts' -Value $trimmed) {
        $words.Add('--artifacts')
        $words.Add($trimmed)
    }
}
$switches = @(
    @('strict', '--strict', $env:ORCHESTRATOR_CI_STRICT),
    @('allow-marked', '--allow-marked', $env:ORCHESTRATOR_CI_ALLOW_MARKED)
)
foreach ($switch in $switches) {
    if ($switch[2] -ceq 'true') {
        $words.Add($switch[1])
    }
    elseif ($switch[2] -and $switch[2] -cne 'false') {
        Write-Wrong -Message "the input '$($switch[0])' is neither true nor false."
    }
}
if ($env:ORCHESTRATOR_CI_PROGRAM) {
    $env:ORCHESTRATOR = $env:ORCHESTRATOR_CI_PROGRAM
}
$words.Add('--annotations')
$words.Add('github')
$script = [IO.Path]::Combine([IO.Path]::GetDirectoryName($PSScriptRoot), 'ci', 'orchestrator-ci.ps1')
Invoke-Program -Program $script -ArgumentList $words.ToArray()
$code = $LASTEXITCODE
Write-ExitCode -Code $code
exit $code
