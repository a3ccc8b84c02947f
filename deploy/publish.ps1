#Requires -Version 5.1
<#
.SYNOPSIS
Makes the release folder on Windows: what deploy/publish does, for win-x64. On Linux, use deploy/publish, which makes both.
.EXAMPLE
deploy\publish.ps1 -Output C:\release
#>
[CmdletBinding()]
param(
    [ValidateSet('win-x64', 'linux-x64', 'all')][string]$Rid = 'win-x64',
    [string]$Output
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$root = [IO.Path]::GetDirectoryName($PSScriptRoot)
if (-not $Output) {
    $Output = [IO.Path]::Combine($root, 'artifacts', 'release')
}
if ($Rid -ne 'win-x64') {
    throw 'The command line for linux-x64 is a native program, and its compiler runs on Linux only: run deploy/publish there.'
}

function Invoke-Program {
    <#
    .SYNOPSIS
    Runs a program; a failure stops the script.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)][string]$Program,
        [Parameter(Mandatory)][string[]]$ArgumentList
    )
    & $Program @ArgumentList
    if ($LASTEXITCODE -ne 0) {
        throw "$Program $($ArgumentList -join ' ') ended with $LASTEXITCODE."
    }
}

function Copy-Part {
    <#
    .SYNOPSIS
    Adds a program's files to the release; a file that two programs bring must be the same.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)][string]$From,
        [Parameter(Mandatory)][string]$To
    )
    if (-not $PSCmdlet.ShouldProcess($To, "Copy $From")) {
        return
    }
    foreach ($file in [IO.Directory]::GetFiles($From, '*', [IO.SearchOption]::AllDirectories)) {
        $name = $file.Substring($From.Length + 1)
        $target = [IO.Path]::Combine($To, $name)
        if ([IO.File]::Exists($target) -and (Get-Sum $file) -ne (Get-Sum $target)) {
            throw "$name of $From differs from the one that is in $To already."
        }
        [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($target))
        [IO.File]::Copy($file, $target, $true)
    }
}

function Get-Sum {
    <#
    .SYNOPSIS
    SHA-256 of a file, lower case.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)][string]$File)
    $sha = [Security.Cryptography.SHA256]::Create()
    $stream = [IO.File]::OpenRead($File)
    try {
        [BitConverter]::ToString($sha.ComputeHash($stream)).Replace('-', '').ToLowerInvariant()
    }
    finally {
        $stream.Dispose()
        $sha.Dispose()
    }
}

$work = [IO.Path]::Combine($root, 'artifacts', 'release-work', $Rid)
$into = [IO.Path]::Combine($Output, $Rid)
foreach ($folder in $work, $into) {
    if ([IO.Directory]::Exists($folder)) {
        [IO.Directory]::Delete($folder, $true)
    }
}
$projects = [ordered]@{
    silo  = [IO.Path]::Combine($root, 'silo')
    agent = [IO.Path]::Combine($root, 'silo', 'scripted-agent')
    cli   = [IO.Path]::Combine($root, 'client', 'cli')
}
foreach ($part in $projects.Keys) {
    $folder = [IO.Path]::Combine($work, $part)
    Invoke-Program 'dotnet' @(
        'publish', $projects[$part], '-c', 'Release', '-r', $Rid, '--self-contained', '-o', $folder,
        '--artifacts-path', [IO.Path]::Combine($work, 'build'), '-p:DebugType=none',
        '-p:GenerateDocumentationFile=false', '-p:PublishReadyToRun=true', '-p:RestoreLockedMode=true',
        '-p:BuildSiloFirst=false', '-nodeReuse:false', '-v', 'minimal', '-p:EnableSingleFileAnalyzer=false',
        # The command line is one file: its libraries are compiled with other references than the silo's.
        "-p:PublishSingleFile=$(if ($part -eq 'cli') { 'true' } else { 'false' })"
    )
    Copy-Part $folder $into
}
[IO.File]::Copy([IO.Path]::Combine($root, '.env.example'), [IO.Path]::Combine($into, 'env.example'), $true)
$props = [IO.File]::ReadAllText([IO.Path]::Combine($root, 'Directory.Build.props'))
if ($props -notmatch '<Version>(.+)</Version>') {
    throw 'Directory.Build.props names no Version.'
}
[IO.File]::WriteAllText([IO.Path]::Combine($into, 'VERSION'), $Matches[1] + "`n")
Copy-Part ([IO.Path]::Combine($root, 'deploy', 'windows')) ([IO.Path]::Combine($into, 'deploy'))
$lines = foreach ($file in [IO.Directory]::GetFiles($into, '*', [IO.SearchOption]::AllDirectories) | Sort-Object) {
    (Get-Sum $file) + '  ' + $file.Substring($into.Length + 1).Replace('\', '/')
}
[IO.File]::WriteAllText([IO.Path]::Combine($into, 'SHA256SUMS'), ($lines -join "`n") + "`n")
"${into}: version $($Matches[1]), $($lines.Count) files"
