# Stands in for what only Windows has, so that the scripts of deploy/windows can be played anywhere. $World is what would be there;
# $Calls is what was done, in order. Played in an empty runspace by PlayedScript.cs.
$global:LASTEXITCODE = 0
function Add-Call { param([string]$Text) $global:Calls.Add($Text) }
function Start-SiloOf {
    param([string]$Line)
    if ($Line -notmatch '--data "([^"]+)"') { return }
    $data = $Matches[1]
    $log = [IO.Path]::Combine($data, 'silo.json')
    if ($global:World.Broken -and $Line.Contains($global:World.Broken)) {
        [IO.File]::Delete($log)
        return
    }
    [void][IO.Directory]::CreateDirectory($data)
    [IO.File]::WriteAllText($log, '{"address":"http://127.0.0.1:5140/"}')
}
function Get-Service {
    param($Name)
    if (-not $global:World.Service) { return }
    $service = [pscustomobject]@{ Name = $Name; Status = $global:World.Status }
    Add-Member-WaitForStatus $service
    $service
}
function Add-Member-WaitForStatus {
    param($Service)
    $Service.PSObject.Members.Add([Management.Automation.PSScriptMethod]::new('WaitForStatus', { param($Status, $Time) Add-Call "wait for $Status" }))
}
function New-Service {
    param($Name, $BinaryPathName, $DisplayName, $Description, $StartupType)
    Add-Call "New-Service $Name $BinaryPathName"
    $global:World.Service = $Name
    $global:World.PathName = $BinaryPathName
    $global:World.Status = 'Stopped'
}
function Start-Service { param($Name) Add-Call "Start-Service $Name"; $global:World.Status = 'Running'; Start-SiloOf $global:World.PathName }
function Stop-Service { param($InputObject, [switch]$NoWait) Add-Call "Stop-Service $($InputObject.Name)"; $global:World.Status = 'Stopped' }
function Get-CimInstance { param($ClassName, $Filter) [pscustomobject]@{ PathName = $global:World.PathName } }
function Invoke-CimMethod {
    param($InputObject, $MethodName, $Arguments)
    $as = if ($Arguments.Contains('StartName')) { ' as ' + $Arguments.StartName } else { '' }
    Add-Call "Change $($Arguments.PathName)$as"
    $global:World.PathName = $Arguments.PathName
    [pscustomobject]@{ ReturnValue = 0 }
}
function icacls.exe { Add-Call ("icacls " + ($args -join ' ')); $global:LASTEXITCODE = 0 }
function sc.exe {
    Add-Call ("sc " + ($args -join ' '))
    if ($args[0] -eq 'delete') { $global:World.Service = '' }
    $global:LASTEXITCODE = $global:World.ScExit
}
function Get-NetFirewallRule { param($DisplayName) if ($global:World.Rule) { $DisplayName } }
function Remove-NetFirewallRule { param([Parameter(ValueFromPipeline)]$InputObject) process { if ($InputObject) { Add-Call "Remove-NetFirewallRule $InputObject" } } }
function New-NetFirewallRule {
    param($DisplayName, $Direction, $Action, $Protocol, $LocalPort, $LocalAddress, $RemoteAddress)
    Add-Call "New-NetFirewallRule $Direction $Action $Protocol $($LocalPort -join ',') at $LocalAddress from $($RemoteAddress -join ',')"
}
function New-ScheduledTaskAction { param($Execute, $Argument) [pscustomobject]@{ Execute = $Execute; Arguments = $Argument } }
function New-ScheduledTaskTrigger { param([switch]$AtLogOn, $User) "at logon of $User" }
function New-ScheduledTaskSettingsSet {
    param($ExecutionTimeLimit, $RestartCount, $RestartInterval, [switch]$AllowStartIfOnBatteries, [switch]$DontStopIfGoingOnBatteries, $MultipleInstances, [switch]$StartWhenAvailable)
    "limit $ExecutionTimeLimit, $RestartCount restarts every $RestartInterval"
}
function New-ScheduledTaskPrincipal { param($UserId, $LogonType, $RunLevel) "$UserId $LogonType $RunLevel" }
function Register-ScheduledTask {
    param($TaskName, $TaskPath, $Action, $Trigger, $Settings, $Principal, [switch]$Force)
    Add-Call "Register-ScheduledTask $TaskName; $($Action.Execute) $($Action.Arguments); $Trigger; $Settings; $Principal"
    $global:World.Task = $Action
}
function Get-ScheduledTask { param($TaskPath) if ($global:World.Task) { [pscustomobject]@{ Actions = @($global:World.Task) } } }
function Start-ScheduledTask { param($TaskName, $TaskPath) Add-Call "Start-ScheduledTask $TaskName"; Start-SiloOf $global:World.Task.Arguments }
function Disable-ScheduledTask { param($InputObject) Add-Call 'Disable-ScheduledTask' }
function Unregister-ScheduledTask { param($InputObject) Add-Call 'Unregister-ScheduledTask'; $global:World.Task = $null }
function ConvertFrom-Json { param($InputObject) if ($InputObject -match '"address":"([^"]+)"') { [pscustomobject]@{ address = $Matches[1] } } }
function Invoke-WebRequest { param([switch]$UseBasicParsing, $TimeoutSec, $Uri) Add-Call "GET $Uri"; [pscustomobject]@{ StatusCode = 200 } }
function Start-Sleep { param($Seconds) }
function Write-Verbose { param($Message) }
function Write-Warning { param($Message) Add-Call "warning: $Message" }
function Sort-Object { $all = @($input); [Array]::Sort($all); $all }
