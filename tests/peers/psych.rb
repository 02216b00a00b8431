# SPDX-License-Identifier: MIT
# What Ruby's psych sees in a cassette, as tests/peers/pyyaml.py shows it.
require 'digest'
require 'yaml'

def bytes(value)
  value.respond_to?(:b) ? value.b : value.to_s.b
end

def body(side)
  value = side['body']
  return value unless value.is_a?(Hash)
  return value['base64_string'].unpack1('m') if value.key?('base64_string')
  value['string']
end

ARGV.each do |name|
  root = YAML.unsafe_load_file(name)
  (root['interactions'] || root['http_interactions'] || []).each_with_index do |interaction, place|
    %w[request response].each do |part|
      value = body(interaction[part])
      puts [name, place, part, value.nil? ? 'null' : Digest::SHA256.hexdigest(bytes(value))].join(' ')
    end
  end
end
