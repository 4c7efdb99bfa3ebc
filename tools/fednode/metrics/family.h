#pragma once

#include <string>
#include <string_view>

#include <prometheus/metric_family.h>

// A family of metrics, value by value. Labels with an empty name are left out.
namespace federation::fednode {

class Family {
 public:
  Family(std::string_view name, std::string_view help, prometheus::MetricType type) {
    family_.name = name;
    family_.help = help;
    family_.type = type;
  }

  struct Label {
    std::string_view name;
    std::string_view value;
  };
  // The value of a counter or of a gauge.
  void Add(double value, Label first = {}, Label second = {}) {
    prometheus::ClientMetric& metric = AddMetric(first, second);
    if (family_.type == prometheus::MetricType::Counter) {
      metric.counter.value = value;
    } else {
      metric.gauge.value = value;
    }
  }
  void Add(prometheus::ClientMetric::Histogram histogram, Label first) {
    AddMetric(first, {}).histogram = std::move(histogram);
  }

  const std::string& name() const { return family_.name; }
  prometheus::MetricFamily Take() && { return std::move(family_); }

 private:
  prometheus::ClientMetric& AddMetric(Label first, Label second) {
    prometheus::ClientMetric& metric = family_.metric.emplace_back();
    for (const Label& label : {first, second}) {
      if (!label.name.empty()) metric.label.push_back({std::string(label.name), std::string(label.value)});
    }
    return metric;
  }

  prometheus::MetricFamily family_;
};

}  // namespace federation::fednode
