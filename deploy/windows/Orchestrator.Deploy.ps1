# What installing and removing share. Loaded by dot-sourcing, so that -WhatIf and -Confirm of the caller hold in here too.
# For Windows PowerShell 5.1 and PowerShell 7; ASCII only, because 5.1 reads a file without a mark as ANSI.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# Well-known identifiers: names of accounts differ by the language of the system.
$script:SystemSid = 'S-1-5-18'
$script:AdministratorsSid = 'S-1-5-32-544'
$script:FirewallRule = 'Orchestrator silo'

function Invoke-Program {
    <#
    .SYNOPSIS
    Runs a program of the system; a failure stops the script, with what the program said.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)][string]$Program,
        [Parameter(Mandatory)][string[]]$ArgumentList
    )
    $said = & $Program @ArgumentList
    if ($LASTEXITCODE -ne 0) {
        throw "$Program $($ArgumentList -join ' ') ended with $LASTEXITCODE. $($said -join ' ')"
    }
}

function Get-ServiceSid {
    <#
    .SYNOPSIS
    The identifier of the virtual account NT SERVICE\NAME: made of the name, so it is known before the service is.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)][string]$Name)
    $sha = [Security.Cryptography.SHA1]::Create()
    try {
        $hash = $sha.ComputeHash([Text.Encoding]::Unicode.GetBytes($Name.ToUpperInvariant()))
    }
    finally {
        $sha.Dispose()
    }
    $parts = foreach ($at in 0, 4, 8, 12, 16) { [BitConverter]::ToUInt32($hash, $at) }
    'S-1-5-80-' + ($parts -join '-')
}

function Get-AccountSid {
    <#
    .SYNOPSIS
    The identifier of an account; an identifier is returned as it is.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)][string]$Account)
    if ($Account -match '^S-1-[0-9-]+$') {
        return $Account
    }
    ([Security.Principal.NTAccount]::new($Account)).Translate([Security.Principal.SecurityIdentifier]).Value
}

function Test-Loopback {
    <#
    .SYNOPSIS
    True for an address that only this machine reaches.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory)][string]$Address)
    $ip = $null
    if (-not [Net.IPAddress]::TryParse($Address, [ref]$ip)) {
        throw "'$Address' (-ClusterAddress) is no IP address. Name the one that the other silos reach this machine at."
    }
    [Net.IPAddress]::IsLoopback($ip)
}

function Test-Release {
    <#
    .SYNOPSIS
    Stops unless every file of a release folder is as SHA256SUMS says.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory)][string]$Folder)
    $sums = [IO.Path]::Combine($Folder, 'SHA256SUMS')
    if (-not [IO.File]::Exists($sums)) {
        throw "$Folder is no release folder: it has no SHA256SUMS. Make one with deploy/publish, and name it with -Source."
    }
    $sha = [Security.Cryptography.SHA256]::Create()
    try {
        foreach ($line in [IO.File]::ReadAllLines($sums)) {
            $file = [IO.Path]::Combine($Folder, $line.Substring(66))
            $stream = [IO.File]::OpenRead($file)
            try {
                $hash = [BitConverter]::ToString($sha.ComputeHash($stream)).Replace('-', '')
            }
            finally {
                $stream.Dispose()
            }
            if ($hash -ne $line.Substring(0, 64)) {
                throw "$file is not the file that was released; nothing was changed. Copy the release again."
            }
        }
    }
    finally {
        $sha.Dispose()
    }
}

function Copy-Release {
    <#
    .SYNOPSIS
    Puts a release beside those that are installed; returns its folder. The same release is not copied twice.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)][string]$Source,
        [Parameter(Mandatory)][string]$InstallFolder
    )
    $version = [IO.File]::ReadAllText([IO.Path]::Combine($Source, 'VERSION')).Trim()
    $sha = [Security.Cryptography.SHA256]::Create()
    try {
        $sums = $sha.ComputeHash([IO.File]::ReadAllBytes([IO.Path]::Combine($Source, 'SHA256SUMS')))
    }
    finally {
        $sha.Dispose()
    }
    $name = $version + '-' + [BitConverter]::ToString($sums).Replace('-', '').Substring(0, 12).ToLowerInvariant()
    $target = [IO.Path]::Combine($InstallFolder, 'versions', $name)
    if (-not [IO.Directory]::Exists($target) -and $PSCmdlet.ShouldProcess($target, 'Copy the release')) {
        $part = $target + '.part'
        if ([IO.Directory]::Exists($part)) {
            [IO.Directory]::Delete($part, $true)
        }
        $from = [IO.Path]::GetFullPath($Source).TrimEnd([IO.Path]::DirectorySeparatorChar)
        foreach ($file in [IO.Directory]::GetFiles($from, '*', [IO.SearchOption]::AllDirectories)) {
            $to = [IO.Path]::Combine($part, $file.Substring($from.Length + 1))
            [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($to))
            [IO.File]::Copy($file, $to, $true)
        }
        [IO.Directory]::Move($part, $target)
    }
    $target
}

function Set-DataFolder {
    <#
    .SYNOPSIS
    Makes a data folder that only the given account, the administrators and the system may open.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)][string]$Folder,
        [Parameter(Mandatory)][string]$Sid
    )
    if ($PSCmdlet.ShouldProcess($Folder, "Let only $Sid, administrators and the system in")) {
        $new = -not [IO.Directory]::Exists($Folder)
        [void][IO.Directory]::CreateDirectory($Folder)
        Invoke-Program 'icacls.exe' @(
            $Folder, '/inheritance:r', '/grant:r',
            "*$($script:SystemSid):(OI)(CI)F",
            "*$($script:AdministratorsSid):(OI)(CI)F",
            "*$($Sid):(OI)(CI)M",
            '/Q'
        )
        if (-not $new) {
            # What lay there before takes over what its folder says now.
            foreach ($entry in [IO.Directory]::GetFileSystemEntries($Folder)) {
                Invoke-Program 'icacls.exe' @($entry, '/reset', '/T', '/C', '/Q')
            }
        }
    }
}

function Get-Setting {
    <#
    .SYNOPSIS
    The text of a data folder's .env file; empty when there is none.
    #>
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory)][string]$Folder)
    $file = [IO.Path]::Combine($Folder, '.env')
    if ([IO.File]::Exists($file)) { [IO.File]::ReadAllText($file) } else { '' }
}

function Test-Database {
    <#
    .SYNOPSIS
    True when the settings of a data folder name a database.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory)][string]$Folder)
    (Get-Setting $Folder) -match '(?m)^\s*Cluster__ConnectionString\s*=\s*\S'
}

function Set-Setting {
    <#
    .SYNOPSIS
    Writes settings into the .env file of a data folder; what it says otherwise stays.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)][string]$Folder,
        [Parameter(Mandatory)][Collections.IDictionary]$Setting
    )
    $file = [IO.Path]::Combine($Folder, '.env')
    if ($PSCmdlet.ShouldProcess($file, 'Write ' + (@($Setting.Keys | Sort-Object) -join ', '))) {
        $lines = [Collections.Generic.List[string]]::new()
        if ([IO.File]::Exists($file)) {
            foreach ($line in [IO.File]::ReadAllLines($file)) {
                if (-not $Setting.Contains($line.Split('=')[0].Trim())) {
                    $lines.Add($line)
                }
            }
        }
        foreach ($name in @($Setting.Keys | Sort-Object)) {
            $value = ([string]$Setting[$name]).Replace('\', '\\').Replace('"', '\"')
            $lines.Add($name + '="' + $value + '"')
        }
        # Without a byte order mark; the folder's access list was set before.
        [IO.File]::WriteAllLines($file, $lines, [Text.UTF8Encoding]::new($false))
    }
}

function Set-ClusterRule {
    <#
    .SYNOPSIS
    Lets the named machines reach the silos' port, or removes the rule when all stays on this machine.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)][string]$Address,
        [Parameter(Mandatory)][int[]]$Port,
        [string[]]$RemoteAddress = @()
    )
    $open = -not (Test-Loopback $Address)
    if ($open -and $RemoteAddress.Count -eq 0) {
        throw "$Address is reached over the network: name the machines that may, with -RemoteAddress 10.0.0.11,10.0.0.12."
    }
    if ($PSCmdlet.ShouldProcess($script:FirewallRule, $(if ($open) { 'Allow ' + ($RemoteAddress -join ', ') } else { 'Remove the firewall rule' }))) {
        Get-NetFirewallRule -DisplayName $script:FirewallRule -ErrorAction SilentlyContinue | Remove-NetFirewallRule
        if ($open) {
            [void](New-NetFirewallRule -DisplayName $script:FirewallRule -Direction Inbound -Action Allow -Protocol TCP `
                    -LocalPort $Port -LocalAddress $Address -RemoteAddress $RemoteAddress)
        }
    }
}

function Stop-Silo {
    <#
    .SYNOPSIS
    Stops a silo by its own command line: agents are ended, their tasks queued again. Nothing to do when none runs.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)][string]$ProgramFolder,
        [Parameter(Mandatory)][string]$DataFolder
    )
    if ($PSCmdlet.ShouldProcess($DataFolder, 'Stop the silo')) {
        Invoke-Program ([IO.Path]::Combine($ProgramFolder, 'orchestrator.exe')) @('--data', $DataFolder, 'serve', '--stop')
    }
}

function Stop-ControlService {
    <#
    .SYNOPSIS
    Stops the service and waits for its end: at most 90 s, its own limit is 40 s.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory)][string]$Name)
    $service = Get-Service -Name $Name
    if ($service.Status -ne 'Stopped' -and $PSCmdlet.ShouldProcess($Name, 'Stop the service')) {
        Stop-Service -InputObject $service -NoWait
        $service.WaitForStatus('Stopped', [TimeSpan]::FromSeconds(90))
    }
}

function Set-ServiceProgram {
    <#
    .SYNOPSIS
    Points the service to a program, and to an account when one is given. No command line is parsed on the way.
    #>
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)][string]$Name,
        [Parameter(Mandatory)][string]$PathName,
        [string]$StartName,
        [pscredential]$Credential
    )
    if ($PSCmdlet.ShouldProcess($Name, "Run $PathName")) {
        $change = @{ PathName = $PathName }
        if ($Credential) {
            $change.StartName = $Credential.UserName
            $change.StartPassword = $Credential.GetNetworkCredential().Password
        }
        elseif ($StartName) {
            $change.StartName = $StartName
            $change.StartPassword = ''
        }
        $service = Get-CimInstance -ClassName Win32_Service -Filter "Name='$Name'"
        $answer = Invoke-CimMethod -InputObject $service -MethodName Change -Arguments $change
        if ($answer.ReturnValue -ne 0) {
            throw "The service $Name could not be changed: Win32_Service.Change answered $($answer.ReturnValue)."
        }
    }
}

function Wait-SiloReady {
    <#
    .SYNOPSIS
    Waits until the silo of a data folder says that it is ready; false when it does not in time.
    #>
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory)][string]$DataFolder,
        [int]$TimeoutSec = 90
    )
    $file = [IO.Path]::Combine($DataFolder, 'silo.json')
    for ($second = 0; $second -lt $TimeoutSec; $second++) {
        try {
            $silo = ConvertFrom-Json ([IO.File]::ReadAllText($file))
            $answer = Invoke-WebRequest -UseBasicParsing -TimeoutSec 5 -Uri ($silo.address.TrimEnd('/') + '/health/ready')
            if ($answer.StatusCode -eq 200) {
                return $true
            }
        }
        catch {
            # Not there yet, half written, or not answering: looked at again until the time is over.
            Write-Verbose "Not ready: $($_.Exception.Message)"
        }
        Start-Sleep -Seconds 1
    }
    $false
}
